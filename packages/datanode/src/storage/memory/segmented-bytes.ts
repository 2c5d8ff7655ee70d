import { memorySegmentBytes } from '../../limits.ts'

/** A growing file in memory: segments of a fixed size, so that growth never copies more than the last one. */
export class SegmentedBytes {
  readonly #segments: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  read(target: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(target.length, this.#length - position))
    let done = 0
    while (done < count) {
      const at = position + done
      const offset = at % memorySegmentBytes
      const segment = this.#segments[Math.floor(at / memorySegmentBytes)]!
      const part = Math.min(count - done, memorySegmentBytes - offset)
      target.set(segment.subarray(offset, offset + part), done)
      done += part
    }
    return count
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0
    while (done < bytes.length) {
      const at = position + done
      const offset = at % memorySegmentBytes
      const part = Math.min(bytes.length - done, memorySegmentBytes - offset)
      this.#segment(Math.floor(at / memorySegmentBytes), offset + part).set(
        bytes.subarray(done, done + part),
        offset,
      )
      done += part
    }
    this.#length = Math.max(this.#length, position + bytes.length)
  }

  truncate(length: number): void {
    if (length >= this.#length) return
    this.#segments.length = Math.ceil(length / memorySegmentBytes)
    this.#length = length
  }

  /** The segment with room for `bytes`; small files claim little, and double up to a whole segment. */
  #segment(index: number, bytes: number): Uint8Array {
    while (this.#segments.length < index) this.#segments.push(new Uint8Array(memorySegmentBytes))
    const present = this.#segments[index]
    if (present && present.length >= bytes) return present
    const size = Math.min(memorySegmentBytes, Math.max(bytes, (present?.length ?? 0) * 2))
    const grown = new Uint8Array(size)
    if (present) grown.set(present)
    this.#segments[index] = grown
    return grown
  }
}
