import { claimBytes } from './claim-bytes.ts'
import { halves, highAt, lowAt, whole } from './halves.ts'
import { varintBytesMax, writerBytesInitial } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

const utf8 = new TextEncoder()
/** Up to this long, a loop over ASCII is faster than a call of TextEncoder. */
const asciiLoopMax = 128
/** Up to this long, a loop is faster than a call of `set`. */
const copyLoopMax = 64

const int64Min = -0x8000_0000_0000_0000n

function outOfRange(value: bigint): ProtocolError {
  return new ProtocolError('ERR_BYTES_RANGE', `write ${value} as 64 bits: allowed is −2^63 to 2^64 − 1`, {
    side: 'local',
  })
}

/** Bytes that grow at the end. Big endian unless the name says otherwise. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(initialBytes = writerBytesInitial) {
    this.#bytes = new Uint8Array(initialBytes)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#length
  }

  /** Makes room for `count` bytes and returns where they start; `set…At` can fill them later. */
  reserve(count: number): number {
    const at = this.#length
    const needed = at + count
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#length = needed
    return at
  }

  u8(value: number): void {
    const at = this.reserve(1)
    this.#bytes[at] = value
  }
  u16be(value: number): void {
    const at = this.reserve(2)
    this.#view.setUint16(at, value)
  }
  u32be(value: number): void {
    const at = this.reserve(4)
    this.#view.setUint32(at, value)
  }
  i32be(value: number): void {
    const at = this.reserve(4)
    this.#view.setInt32(at, value)
  }
  i64be(value: bigint): void {
    const at = this.reserve(8)
    this.#view.setBigInt64(at, value)
  }
  u16le(value: number): void {
    const at = this.reserve(2)
    this.#view.setUint16(at, value, true)
  }
  u32le(value: number): void {
    const at = this.reserve(4)
    this.#view.setUint32(at, value, true)
  }
  i64le(value: bigint): void {
    const at = this.reserve(8)
    this.#view.setBigInt64(at, value, true)
  }
  i32le(value: number): void {
    const at = this.reserve(4)
    this.#view.setInt32(at, value, true)
  }
  f32le(value: number): void {
    const at = this.reserve(4)
    this.#view.setFloat32(at, value, true)
  }
  f64le(value: number): void {
    const at = this.reserve(8)
    this.#view.setFloat64(at, value, true)
  }
  setU16beAt(at: number, value: number): void {
    this.#view.setUint16(at, value)
  }
  setU32beAt(at: number, value: number): void {
    this.#view.setUint32(at, value)
  }

  /** An unsigned number below 2^32 as protobuf varint. */
  varint32(value: number): void {
    let at = this.reserve(5)
    const bytes = this.#bytes
    let rest = value >>> 0
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.#length = at
  }

  /**
   * 64 bits as protobuf varint; negative values take ten bytes, as in every protobuf. Takes what Java takes for a
   * long of either sign: −2^63 up to 2^64 − 1.
   */
  varint64(value: bigint): void {
    whole[0] = value
    if (whole[0] !== value && (value >= 0n || value < int64Min)) throw outOfRange(value)
    let low = halves[lowAt]!
    let high = halves[highAt]!
    let at = this.reserve(varintBytesMax)
    const bytes = this.#bytes
    while (high !== 0 || low >= 0x80) {
      bytes[at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    bytes[at++] = low
    this.#length = at
  }

  /** A signed 32-bit number as protobuf varint: negative ones are widened to 64 bits first. */
  varintSigned32(value: number): void {
    if (value >= 0) {
      this.varint32(value)
      return
    }
    const at = this.reserve(varintBytesMax)
    const bytes = this.#bytes
    for (let index = 0; index < 4; index++) bytes[at + index] = ((value >> (index * 7)) & 0x7f) | 0x80
    bytes[at + 4] = ((value >> 28) & 0x7f) | 0x80
    bytes.fill(0xff, at + 5, at + 9)
    bytes[at + 9] = 1
  }

  /**
   * Starts a part that is led by its own length as a varint, without knowing the length; `closeDelimited` with the
   * result of this ends it. Parts may nest.
   */
  openDelimited(): number {
    return this.reserve(1)
  }

  /** Puts the length in front of what was written since `openDelimited` returned `at`. */
  closeDelimited(at: number): void {
    const start = at + 1
    const length = this.#length - start
    if (length < 0x80) {
      this.#bytes[at] = length
      return
    }
    const extra = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4
    this.reserve(extra)
    const bytes = this.#bytes
    bytes.copyWithin(start + extra, start, start + length)
    let rest = length
    let to = at
    for (; rest >= 0x80; rest >>>= 7) bytes[to++] = (rest & 0x7f) | 0x80
    bytes[to] = rest
  }

  /** Text as UTF-8, led by its length as a varint. */
  utf8Delimited(text: string): void {
    const at = this.reserve(1)
    this.utf8(text)
    this.closeDelimited(at)
  }

  /** Bytes, led by their length as a varint. */
  bytesDelimited(value: Uint8Array): void {
    this.varint32(value.length)
    this.bytes(value)
  }

  bytes(value: Uint8Array): void {
    const count = value.length
    const at = this.reserve(count)
    const bytes = this.#bytes
    if (count <= copyLoopMax) for (let index = 0; index < count; index++) bytes[at + index] = value[index]!
    else bytes.set(value, at)
  }

  /** Writes text as UTF-8 without a length; returns how many bytes it took. */
  utf8(text: string): number {
    const start = this.#length
    const count = text.length
    if (count <= asciiLoopMax) {
      this.reserve(count)
      const bytes = this.#bytes
      let index = 0
      for (; index < count; index++) {
        const code = text.charCodeAt(index)
        if (code >= 0x80) break
        bytes[start + index] = code
      }
      if (index === count) return count
      this.#length = start
    }
    this.reserve(text.length * 3)
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(start))
    this.#length = start + written
    return written
  }

  /** What was written so far: a view, valid until the next write. */
  view(from = 0): Uint8Array {
    return this.#bytes.subarray(from, this.#length)
  }

  /** What was written so far as bytes of their own. */
  copy(from = 0): Uint8Array {
    const count = this.#length - from
    const copy = claimBytes(count)
    const bytes = this.#bytes
    if (count <= copyLoopMax) for (let index = 0; index < count; index++) copy[index] = bytes[from + index]!
    else copy.set(bytes.subarray(from, this.#length))
    return copy
  }

  /** Gives the bytes away and starts anew with fresh memory of `nextBytes`. */
  take(nextBytes = writerBytesInitial): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = new Uint8Array(nextBytes)
    this.#view = new DataView(this.#bytes.buffer)
    this.#length = 0
    return taken
  }

  /** Forgets what was written from `length` on, such as half a message whose second half cannot be written. */
  truncate(length: number): void {
    if (length < this.#length) this.#length = length
  }

  /** Forgets what was written and keeps the memory; views given out before become stale. */
  clear(): void {
    this.#length = 0
  }
}
