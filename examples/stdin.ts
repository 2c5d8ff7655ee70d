/** What stdin has given and nobody has taken. */
let ahead: Buffer = Buffer.alloc(0)
const chunks: AsyncIterator<Buffer> = process.stdin[Symbol.asyncIterator]()

/** `size` bytes of stdin, fewer only at its end: Python's `sys.stdin.read(size)`. */
export async function read(size: number): Promise<Buffer> {
  const parts = [ahead]
  let length = ahead.length
  while (length < size) {
    const { value, done } = await chunks.next()
    if (done) break
    parts.push(value)
    length += value.length
  }
  const bytes = parts.length === 1 ? ahead : Buffer.concat(parts, length)
  ahead = bytes.subarray(size)
  return bytes.subarray(0, size)
}
