/** Bytes of one of the two buffers that a copy goes through. */
export const copyBufferBytes = 1024 * 1024

/** Reads into the buffer from where the last read ended; answers how many bytes, 0 at the end. */
export type ReadInto = (buffer: Uint8Array) => Promise<number>
/** Takes bytes; they may be overwritten once it has resolved. */
export type WriteFrom = (bytes: Uint8Array) => Promise<unknown>

/**
 * Copies until `read` answers 0. While one buffer is written the other is read, so a copy takes as long as its
 * slower side and not as both. Answers the bytes copied. Rejects only when no read is in flight any more, so that
 * the caller may close what it reads from.
 */
export async function pump(
  read: ReadInto,
  write: WriteFrom,
  options: { onBytes?: (bytes: number) => void; signal?: AbortSignal; bufferBytes?: number } = {},
): Promise<number> {
  const size = options.bufferBytes ?? copyBufferBytes
  let current = new Uint8Array(size)
  let other = new Uint8Array(size)
  let copied = 0
  let reading = read(current)
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const count = await reading
      if (count === 0) return copied
      const filled = current.subarray(0, count)
      reading = read(other)
      ;[current, other] = [other, current]
      await write(filled)
      copied += count
      options.onBytes?.(count)
    }
  } finally {
    await reading.catch(ignoreSecondError)
  }
}

/** The first error is the one to tell; what the read ahead met after it tells nothing new. */
function ignoreSecondError(): void {}
