import { ByteReader, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { imageMessageBytesMax } from '../limits.ts'

const varintBytesMax = 5

/**
 * The messages of one section, in any split of its bytes: `push` what was read, take messages with `next` until it
 * answers undefined. Memory is the largest message plus one chunk.
 */
export class ImageSectionDecoder {
  readonly #name: string
  readonly #buffer = new ReceiveBuffer({ initialBytes: 1 << 12, maxBytes: imageMessageBytesMax * 2 })

  /** `name` goes into errors. */
  constructor(name: string) {
    this.#name = name
  }

  /** Adds the next bytes of the section. */
  push(chunk: Uint8Array): void {
    this.#buffer.push(chunk)
  }

  /** Bytes that no message has taken yet; 0 at the end of a sound section. */
  get remaining(): number {
    return this.#buffer.length
  }

  /** The next message, or undefined when more bytes are needed. */
  next<T>(codec: MessageCodec<T>): T | undefined {
    const bytes = this.#buffer.view()
    let length = 0
    let at = 0
    for (;;) {
      if (at === bytes.length) return undefined
      if (at === varintBytesMax) throw this.#tooLarge('a longer length')
      const byte = bytes[at]!
      length += (byte & 0x7f) * 2 ** (7 * at)
      at++
      if (byte < 0x80) break
    }
    if (length > imageMessageBytesMax) throw this.#tooLarge(`${length} bytes`)
    if (bytes.length - at < length) return undefined
    const message = codec.decode(bytes, at, at + length)
    this.#buffer.consume(at + length)
    return message
  }

  /** Throws unless the section ended at a message's end. */
  end(): void {
    if (this.#buffer.length === 0) return
    throw new ProtocolError(
      'ERR_HSTORAGE_IMAGE_SECTION',
      `read section ${this.#name}: found ${this.#buffer.length} bytes that are no whole message at its end`,
    )
  }

  #tooLarge(found: string): ProtocolError {
    return new ProtocolError(
      'ERR_HSTORAGE_IMAGE_MESSAGE_TOO_LARGE',
      `read section ${this.#name}: found a message of ${found}; up to ${imageMessageBytesMax} bytes are allowed`,
    )
  }
}

/** Decodes a section of one message that is all here. */
export function decodeSingleMessage<T>(codec: MessageCodec<T>, bytes: Uint8Array): T {
  return codec.decodeDelimited(new ByteReader(bytes))
}
