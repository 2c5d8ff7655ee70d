import { heapBytesMax, poolBytes, pooledBytesMax } from './limits.ts'

const empty = new Uint8Array(0)
let pool = empty
let used = 0

/**
 * Memory for a copy of `count` bytes. Its content is undefined: the caller overwrites all of it. Arrays of up to
 * `heapBytesMax` bytes live in V8's heap and are cheap; longer ones have a buffer outside, which costs half a
 * microsecond each, so that those up to `pooledBytesMax` share buffers of `poolBytes`, as Node's `Buffer` does. Hence
 * never transfer or resize the `.buffer` of what this returns.
 */
export function claimBytes(count: number): Uint8Array {
  if (count === 0) return empty
  if (count <= heapBytesMax || count > pooledBytesMax) return new Uint8Array(count)
  if (used + count > pool.length) {
    pool = new Uint8Array(poolBytes)
    used = 0
  }
  const at = used
  used += count
  return pool.subarray(at, used)
}
