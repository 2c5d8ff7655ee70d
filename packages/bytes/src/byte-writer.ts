import { writerBytesInitial } from './limits.ts'

const utf8 = new TextEncoder()
const asciiLoopMax = 48

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
  f32le(value: number): void {
    const at = this.reserve(4)
    this.#view.setFloat32(at, value, true)
  }
  f64le(value: number): void {
    const at = this.reserve(8)
    this.#view.setFloat64(at, value, true)
  }
  setU32beAt(at: number, value: number): void {
    this.#view.setUint32(at, value)
  }

  /** An unsigned number below 2^32 as protobuf varint. */
  varint32(value: number): void {
    let at = this.reserve(5)
    const start = at
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.#bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[at++] = rest
    this.#length = start + (at - start)
  }

  /** 64 bits as protobuf varint; negative values take ten bytes, as in every protobuf. */
  varint64(value: bigint): void {
    const bits = BigInt.asUintN(64, value)
    let at = this.reserve(10)
    let low = Number(bits & 0xffff_ffffn)
    let high = Number(bits >> 32n)
    while (high !== 0 || low >= 0x80) {
      this.#bytes[at++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#bytes[at++] = low
    this.#length = at
  }

  bytes(value: Uint8Array): void {
    const at = this.reserve(value.length)
    this.#bytes.set(value, at)
  }

  /** Writes text as UTF-8 without a length; returns how many bytes it took. */
  utf8(text: string): number {
    const start = this.#length
    if (text.length <= asciiLoopMax) {
      const at = this.reserve(text.length)
      let index = 0
      for (; index < text.length; index++) {
        const code = text.charCodeAt(index)
        if (code >= 0x80) break
        this.#bytes[at + index] = code
      }
      if (index === text.length) return text.length
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

  /** Gives the bytes away and starts anew with fresh memory. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#bytes = new Uint8Array(writerBytesInitial)
    this.#view = new DataView(this.#bytes.buffer)
    this.#length = 0
    return taken
  }

  /** Forgets what was written and keeps the memory; views given out before become stale. */
  clear(): void {
    this.#length = 0
  }
}
