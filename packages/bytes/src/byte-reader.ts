import { claimBytes } from './claim-bytes.ts'
import { halves, highAt, lowAt, signedWhole, whole } from './halves.ts'
import { varintBytesMax } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Up to this long, text of ASCII is read faster without TextDecoder. */
const asciiLoopMax = 16
/** Below this a loop is faster than a call of `set`. */
const copyLoopMax = 32

/** The text, or nothing when it has more than ASCII. Four at a time: each concatenation costs. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  let at = start
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at]!
    const b = bytes[at + 1]!
    const c = bytes[at + 2]!
    const d = bytes[at + 3]!
    if ((a | b | c | d) >= 0x80) return undefined
    text += String.fromCharCode(a, b, c, d)
  }
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte >= 0x80) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

/**
 * A cursor over bytes that are all here. Big endian unless the name says otherwise. Reading past the end throws
 * `ERR_BYTES_TRUNCATED` with the offset; nothing else is ever thrown but `ProtocolError`.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  position: number
  #view: DataView | undefined

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
    return this.#view
  }

  /** Moves over `count` bytes and returns where they start. */
  skip(count: number): number {
    const at = this.position
    if (count < 0 || count > this.end - at) {
      throw new ProtocolError(
        'ERR_BYTES_TRUNCATED',
        `read ${count} bytes at ${at}: found ${this.end - at} before the end`,
        { offset: at },
      )
    }
    this.position = at + count
    return at
  }

  u8(): number {
    return this.bytes[this.skip(1)]!
  }
  i8(): number {
    return (this.bytes[this.skip(1)]! << 24) >> 24
  }
  u16be(): number {
    return this.#dataView().getUint16(this.skip(2))
  }
  i16be(): number {
    return this.#dataView().getInt16(this.skip(2))
  }
  u32be(): number {
    return this.#dataView().getUint32(this.skip(4))
  }
  i32be(): number {
    return this.#dataView().getInt32(this.skip(4))
  }
  u64be(): bigint {
    return this.#dataView().getBigUint64(this.skip(8))
  }
  i64be(): bigint {
    return this.#dataView().getBigInt64(this.skip(8))
  }
  u16le(): number {
    return this.#dataView().getUint16(this.skip(2), true)
  }
  u32le(): number {
    return this.i32le() >>> 0
  }
  i32le(): number {
    const at = this.skip(4)
    const bytes = this.bytes
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }
  u64le(): bigint {
    this.#fixed64()
    return whole[0]!
  }
  i64le(): bigint {
    this.#fixed64()
    return signedWhole[0]!
  }

  /** Reads eight bytes into `halves`. */
  #fixed64(): void {
    if (this.end - this.position < 8) this.skip(8)
    halves[lowAt] = this.i32le()
    halves[highAt] = this.i32le()
  }

  f32le(): number {
    return this.#dataView().getFloat32(this.skip(4), true)
  }
  f64le(): number {
    return this.#dataView().getFloat64(this.skip(8), true)
  }

  /** Protobuf varint cut to 32 bits, unsigned, as protobuf decoders do with wider ones. */
  varint32(): number {
    const bytes = this.bytes
    const start = this.position
    const last = Math.min(this.end, start + varintBytesMax)
    let value = 0
    for (let at = start; at < last; at++) {
      const byte = bytes[at]!
      const shift = (at - start) * 7
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at + 1
        return value >>> 0
      }
    }
    throw this.#badVarint(start, last)
  }

  /** Protobuf varint of 64 bits, unsigned. */
  varint64(): bigint {
    const byte = this.bytes[this.position]!
    if (byte < 0x80 && this.position < this.end) {
      this.position++
      halves[lowAt] = byte
      halves[highAt] = 0
    } else {
      this.#varint()
    }
    // One way out: the optimizer of Node 20 ends the process over `BigInt.asUintN(64, …)` of a value that comes from
    // either a small number or the array.
    return whole[0]!
  }

  /** Protobuf varint of 64 bits, two's complement. */
  varintSigned64(): bigint {
    this.#varint()
    return signedWhole[0]!
  }

  /** Reads a varint into `halves`. */
  #varint(): void {
    const bytes = this.bytes
    const start = this.position
    const last = Math.min(this.end, start + varintBytesMax)
    let low = 0
    let high = 0
    // Seven bits a byte; the fifth byte has bits of both halves.
    for (let at = start, shift = 0; at < last; at++, shift += 7) {
      const byte = bytes[at]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift > 28) high |= bits << (shift - 32)
      else {
        low |= bits << 28
        high = bits >>> 4
      }
      if (byte < 0x80) {
        this.position = at + 1
        halves[lowAt] = low
        halves[highAt] = high
        return
      }
    }
    throw this.#badVarint(start, last)
  }

  #badVarint(start: number, last: number): ProtocolError {
    return last - start < varintBytesMax
      ? new ProtocolError('ERR_BYTES_TRUNCATED', `read a varint at ${start}: found the end inside it`, {
          offset: start,
        })
      : new ProtocolError(
          'ERR_BYTES_VARINT',
          `read a varint at ${start}: found more than ${varintBytesMax} bytes`,
          { offset: start },
        )
  }

  /** A view, not a copy. */
  view(count: number): Uint8Array {
    const at = this.skip(count)
    return this.bytes.subarray(at, at + count)
  }

  /** A copy that outlives the buffer. */
  copy(count: number): Uint8Array {
    const at = this.skip(count)
    // Not slice(): the received bytes may be a Buffer, whose slice() is a view.
    const copy = claimBytes(count)
    if (count <= copyLoopMax)
      for (let index = 0; index < count; index++) copy[index] = this.bytes[at + index]!
    else copy.set(this.bytes.subarray(at, at + count))
    return copy
  }

  /** `count` bytes of UTF-8; malformed text is a `ProtocolError`, never a replacement character. */
  utf8(count: number): string {
    const at = this.skip(count)
    if (count <= asciiLoopMax) {
      const text = shortAscii(this.bytes, at, at + count)
      if (text !== undefined) return text
    }
    try {
      return utf8.decode(this.bytes.subarray(at, at + count))
    } catch (cause) {
      throw new ProtocolError(
        'ERR_BYTES_UTF8',
        `read text of ${count} bytes at ${at}: found bytes that are not UTF-8`,
        {
          offset: at,
          cause,
        },
      )
    }
  }
}
