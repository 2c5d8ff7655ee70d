import zlib from 'node:zlib'
import {
  type Connection,
  type Helper,
  type HelperLink,
  type Message,
  type OutgoingMessage,
  PetrichorError,
} from '@cairn/petrichor'

/** The formats by the names that headers carry. [petri.compress.1] */
export type CompressionFormat = 'zstd' | 'br' | 'gzip'

export interface CompressionOptions {
  /** Formats to offer, best first. Default: zstd where this Node has it, br, gzip. */
  readonly formats?: readonly CompressionFormat[]
  /** Bodies below this size go as they are. Default 1 KiB. */
  readonly bytesMin?: number
  /** A body that would grow by more than this factor is refused. Default 100. [petri.compress.3] */
  readonly ratioMax?: number
  /** A body that would be larger than this is refused. Default: the connection's limit for bodies. [petri.compress.3] */
  readonly rawBytesMax?: number
  /** Which bodies are worth it; asked for those that are large enough. Secrets beside a stranger's text are not. */
  readonly compresses?: (message: OutgoingMessage) => boolean
}

/** Above this, work goes to another thread: here it would hold up everyone else. */
const threadBytesMin = 64 << 10
/** Brotli's own default of 11 is for files that are packed once. */
const brotliQuality = 4

type Sync = (bytes: Uint8Array, options?: object) => Buffer
type Async = (bytes: Uint8Array, options: object, done: (error: Error | null, result: Buffer) => void) => void

interface Codec {
  readonly options: object
  readonly pack: Sync
  readonly packLater: Async
  readonly unpack: Sync
  readonly unpackLater: Async
}

const brotliOptions = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: brotliQuality } }
const codecs: Record<CompressionFormat, Codec | undefined> = {
  gzip: codecOf('gzip', 'gunzip', { level: 1 }),
  br: codecOf('brotliCompress', 'brotliDecompress', brotliOptions),
  // Node has it from 22.15 on.
  zstd: codecOf('zstdCompress', 'zstdDecompress', {}),
}

function codecOf(pack: string, unpack: string, options: object): Codec | undefined {
  const all = zlib as unknown as Record<string, unknown>
  if (typeof all[pack] !== 'function') return undefined
  return {
    options,
    pack: all[`${pack}Sync`] as Sync,
    packLater: all[pack] as Async,
    unpack: all[`${unpack}Sync`] as Sync,
    unpackLater: all[unpack] as Async,
  }
}

/** Formats that this Node has. */
export const compressionFormats = (['zstd', 'br', 'gzip'] as const).filter(
  (name) => codecs[name] !== undefined,
)

/**
 * Compresses bodies of bytes, each by itself: no message's bytes ever meet another's in one context. The header says the
 * format (`z`) and the raw size (`zn`), which is checked before memory is claimed and must be exact. [petri.compress.2]
 */
export function compression(options: CompressionOptions = {}): Helper {
  const { formats = compressionFormats } = options
  const names = formats.filter((format) => codecs[format] !== undefined)
  return {
    names,
    attach: (agreed, connection) => new CompressionLink(agreed as CompressionFormat[], connection, options),
  }
}

class CompressionLink implements HelperLink {
  private readonly format: CompressionFormat
  private readonly codec: Codec
  private readonly bytesMin: number
  private readonly ratioMax: number
  private readonly rawBytesMax: number
  private readonly agreed: readonly CompressionFormat[]
  private readonly compresses: ((message: OutgoingMessage) => boolean) | undefined

  constructor(agreed: readonly CompressionFormat[], connection: Connection, options: CompressionOptions) {
    this.agreed = agreed
    this.format = agreed[0]!
    this.codec = codecs[this.format]!
    this.bytesMin = options.bytesMin ?? 1024
    this.ratioMax = options.ratioMax ?? 100
    this.rawBytesMax = Math.min(
      options.rawBytesMax ?? Number.POSITIVE_INFINITY,
      connection.limits.body.sizeMax,
    )
    this.compresses = options.compresses
  }

  outgoing(message: OutgoingMessage): OutgoingMessage | Promise<OutgoingMessage> {
    const { body } = message
    const bytes = typeof body === 'string' && body.length >= this.bytesMin ? Buffer.from(body) : body
    if (!(bytes instanceof Uint8Array) || bytes.length < this.bytesMin) return message
    if (this.compresses !== undefined && !this.compresses(message)) return message
    const { pack, packLater, options } = this.codec
    if (bytes.length < threadBytesMin) return this.packed(message, bytes.length, pack(bytes, options))
    return new Promise((resolve, reject) => {
      packLater(bytes, options, (error, result) =>
        error ? reject(error) : resolve(this.packed(message, bytes.length, result)),
      )
    })
  }

  incoming(message: Message): Message | Promise<Message> {
    const { z, zn } = message.header
    if (z === undefined) return message
    const { body } = message
    const codec = this.agreed.includes(z as CompressionFormat) ? codecs[z as CompressionFormat] : undefined
    if (codec === undefined || !(body instanceof Uint8Array))
      throw refused(`format ${JSON.stringify(z)} was not agreed upon, or the body is not bytes`)
    if (typeof zn !== 'number' || zn < 0 || zn > this.rawBytesMax)
      throw refused(`its raw size is ${String(zn)}; at most ${this.rawBytesMax} bytes are allowed`)
    if (zn > body.length * this.ratioMax)
      throw refused(
        `${body.length} bytes say that they are ${zn}; at most ${this.ratioMax} times as many are allowed`,
      )
    // One byte more would show that it lied; the decompressor stops there.
    const options = { maxOutputLength: Math.max(zn, 1) }
    if (zn < threadBytesMin) {
      try {
        return unpacked(message, zn, codec.unpack(body, options))
      } catch (error) {
        throw refused('it cannot be decompressed to its raw size', error)
      }
    }
    return new Promise((resolve, reject) => {
      codec.unpackLater(body, options, (error, raw) => {
        try {
          if (error) throw refused('it cannot be decompressed to its raw size', error)
          resolve(unpacked(message, zn, raw))
        } catch (fault) {
          reject(fault)
        }
      })
    })
  }

  /** What did not shrink enough goes as it is: whoever reads it may refuse what grows too much. */
  private packed(message: OutgoingMessage, rawBytes: number, result: Buffer): OutgoingMessage {
    if (result.length >= rawBytes * 0.9 || result.length * this.ratioMax < rawBytes) return message
    return { header: { ...message.header, z: this.format, zn: rawBytes }, body: result }
  }
}

/** [petri.compress.4] */
function unpacked(message: Message, rawBytes: number, raw: Buffer): Message {
  if (raw.length !== rawBytes) throw refused(`it said that it is ${rawBytes} bytes and is ${raw.length}`)
  const header = Object.setPrototypeOf({ ...message.header }, null)
  delete header.z
  delete header.zn
  return { header, body: new Uint8Array(raw.buffer, raw.byteOffset, raw.length) }
}

function refused(why: string, cause?: unknown): PetrichorError {
  return new PetrichorError('ERR_PETRICHOR_HELPER', `cannot read a compressed body: ${why}`, { cause })
}
