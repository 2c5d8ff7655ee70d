import { varintBytesMax } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Below this a loop over ASCII is faster than a call of TextDecoder. */
const asciiLoopMax = 24
/** Below this a loop is faster than a call of `set`. */
const copyLoopMax = 32

// The halves of the 64-bit number read last. Numbers below 2^53 become a bigint in one exact conversion; others are
// joined in memory, which is cheaper than shifting bigints.
let lowHalf = 0
let highHalf = 0
const joined = new DataView(new ArrayBuffer(8))

function joinHalves(): DataView {
  joined.setUint32(0, lowHalf, true)
  joined.setUint32(4, highHalf, true)
  return joined
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
    return this.#dataView().getUint32(this.skip(4), true)
  }
  i32le(): number {
    return this.#dataView().getInt32(this.skip(4), true)
  }
  u64le(): bigint {
    return this.#dataView().getBigUint64(this.skip(8), true)
  }
  i64le(): bigint {
    return this.#dataView().getBigInt64(this.skip(8), true)
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
    this.#varint()
    if (highHalf < 0x20_0000) return BigInt(lowHalf + highHalf * 0x1_0000_0000)
    return joinHalves().getBigUint64(0, true)
  }

  /** Protobuf varint of 64 bits, two's complement. */
  varintSigned64(): bigint {
    this.#varint()
    if (highHalf < 0x20_0000) return BigInt(lowHalf + highHalf * 0x1_0000_0000)
    return joinHalves().getBigInt64(0, true)
  }

  /** Reads a varint into `lowHalf` and `highHalf`. */
  #varint(): void {
    const bytes = this.bytes
    const start = this.position
    const last = Math.min(this.end, start + varintBytesMax)
    let low = 0
    let middle = 0
    let high = 0
    for (let at = start; at < last; at++) {
      const byte = bytes[at]!
      const index = at - start
      const bits = byte & 0x7f
      if (index < 4) low |= bits << (index * 7)
      else if (index < 8) middle |= bits << ((index - 4) * 7)
      else high |= bits << ((index - 8) * 7)
      if (byte < 0x80) {
        this.position = at + 1
        lowHalf = (low | (middle << 28)) >>> 0
        highHalf = ((middle >>> 4) | (high << 24)) >>> 0
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
    const copy = new Uint8Array(count)
    if (count <= copyLoopMax)
      for (let index = 0; index < count; index++) copy[index] = this.bytes[at + index]!
    else copy.set(this.bytes.subarray(at, at + count))
    return copy
  }

  /** `count` bytes of UTF-8; malformed text is a `ProtocolError`, never a replacement character. */
  utf8(count: number): string {
    const at = this.skip(count)
    if (count <= asciiLoopMax) {
      let text = ''
      let index = at
      for (; index < at + count; index++) {
        const byte = this.bytes[index]!
        if (byte >= 0x80) break
        text += String.fromCharCode(byte)
      }
      if (index === at + count) return text
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
