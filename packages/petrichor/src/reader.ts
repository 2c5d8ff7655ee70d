import {
  type Account,
  FrameBuffer,
  parseFrame,
  TnetstringError,
  type Value,
  ValueParser,
} from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import type { PetrichorLimits } from './limits.ts'
import type { Header, Message } from './message.ts'

/** Which strings are read as text where they are UTF-8; the others, and all others, are views of bytes. */
export type TextOption = 'none' | 'header' | 'all'

export interface ReaderOptions {
  readonly limits: PetrichorLimits
  /** Default `header`. */
  readonly text?: TextOption
  /** Reads only what this package would write. Default false. */
  readonly strict?: boolean
  readonly account?: Account
}

const brace = 0x7d

/**
 * Reads the sequence of HEADER BODY pairs from bytes in any pieces; the seed's `read_chunk` and `recv` without a socket.
 * Pure: an analyzer feeds it what it has recorded. After an error it is of no more use.
 */
export class MessageReader {
  private readonly frames: FrameBuffer
  private readonly headers: ValueParser
  private readonly bodies: ValueParser
  private header: Header | undefined
  private headerSizeMax: number
  private bodySizeMax: number

  constructor(options: ReaderOptions) {
    const { limits, text = 'header', strict = false } = options
    this.frames = new FrameBuffer(options.account)
    this.headers = new ValueParser({
      limits: limits.header,
      strict,
      strings: text === 'none' ? 'bytes' : 'text',
    })
    this.bodies = new ValueParser({ limits: limits.body, strict, strings: text === 'all' ? 'text' : 'bytes' })
    this.headerSizeMax = limits.header.sizeMax
    this.bodySizeMax = limits.body.sizeMax
  }

  /** Bytes that are here and not part of a message that was answered. */
  get buffered(): number {
    return this.frames.buffered
  }

  /** Bytes of all values read so far. */
  get position(): number {
    return this.frames.position
  }

  /** True between the first byte of a header and the last one of its body. */
  get isMidMessage(): boolean {
    return this.header !== undefined || this.frames.buffered > 0
  }

  /** Makes headers and bodies no larger than this for now; `Infinity` goes back to their limits. [petri.limit.2] */
  restrict(bytes: number): void {
    this.headerSizeMax = Math.min(bytes, this.headers.sizeMax)
    this.bodySizeMax = Math.min(bytes, this.bodies.sizeMax)
  }

  /** Takes bytes over; they must not change as long as bodies made of them are in use. */
  push(chunk: Uint8Array): void {
    this.frames.push(chunk)
  }

  /** Takes a copy of what is needed: the bytes may change afterwards. */
  pushCopy(chunk: Uint8Array): void {
    this.frames.pushCopy(chunk)
  }

  /** The next message, or undefined until more bytes come. Throws `TnetstringError` and `PetrichorError`. */
  next(): Message | undefined {
    const { frames } = this
    let { header } = this
    if (header === undefined) {
      if (!frames.next(this.headerSizeMax)) return undefined
      // Its body would be taken for the next header, so this cannot go on. [petri.recv.2]
      if (frames.bytes[frames.dataEnd] !== brace) this.noHeader()
      header = parseFrame(frames, this.headers) as Header
    }
    if (!frames.next(this.bodySizeMax)) {
      this.header = header
      return undefined
    }
    this.header = undefined
    return { header, body: parseFrame(frames, this.bodies) }
  }

  /** One value, whatever it is; what comes after it is read as a header again. [petri.chunk.1] */
  nextChunk(): Value | undefined {
    const { header } = this
    if (header !== undefined) {
      this.header = undefined
      return header
    }
    if (!this.frames.next(this.bodySizeMax)) return undefined
    return parseFrame(this.frames, this.bodies)
  }

  /** Says that the input has ended. Throws where that is not between two messages. [petri.recv.1] */
  end(): void {
    if (!this.isMidMessage) return
    throw new PetrichorError(
      'ERR_PETRICHOR_TRUNCATED',
      'cannot read a message: the connection ends within it',
      { offset: this.frames.position + this.frames.buffered },
    )
  }

  /** Lets go of what was buffered. */
  clear(): void {
    this.frames.clear()
    this.header = undefined
  }

  private noHeader(): never {
    const { bytes, dataStart, dataEnd, base } = this.frames
    const offset = base + dataEnd
    const type = String.fromCharCode(bytes[dataEnd]!)
    if (!',#^!~]'.includes(type)) {
      // Not even a value: say so as the parser does.
      this.headers.parse(bytes, dataStart, dataEnd, base)
      throw new TnetstringError('ERR_TNS_TYPE', 'cannot read a value', offset)
    }
    throw new PetrichorError(
      'ERR_PETRICHOR_HEADER',
      `cannot read a header: found a value of type '${type}'; a header is a dict`,
      { offset },
    )
  }
}
