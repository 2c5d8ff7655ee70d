import type { HdfsClient } from '@cairn/hdfs-client'
import type { Context } from '../context.ts'
import type { Target } from '../paths/target.ts'

const newline = 0x0a
/** Bytes looked at in one step; a line's end is usually near. */
const stepBytes = 64 * 1024

/** Writes the first lines of a file to standard output. */
export async function writeFirstLines(
  context: Context,
  client: HdfsClient,
  target: Target,
  lines: number,
): Promise<void> {
  const handle = await client.open(target.path, 'r', { signal: context.signal })
  try {
    const buffer = new Uint8Array(stepBytes)
    let left = lines
    for (let position = 0; left > 0; ) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
      if (bytesRead === 0) return
      position += bytesRead
      const { end, found } = afterLines(buffer.subarray(0, bytesRead), left)
      left -= found
      await context.io.stdout.writeBytes(buffer.subarray(0, end))
    }
  } finally {
    await handle.close()
  }
}

/** Where `lines` lines end in the bytes, and how many ended before that. */
export function afterLines(bytes: Uint8Array, lines: number): { end: number; found: number } {
  let end = 0
  for (let found = 0; found < lines; found++) {
    const at = bytes.indexOf(newline, end)
    if (at < 0) return { end: bytes.length, found }
    end = at + 1
  }
  return { end, found: lines }
}

/**
 * The offset at which the last `lines` lines of a file of `size` bytes begin. `read` fills a buffer from an offset.
 * A newline at the very end ends the last line and begins none.
 */
export async function startOfLastLines(
  read: (buffer: Uint8Array, position: number) => Promise<number>,
  size: number,
  lines: number,
): Promise<number> {
  if (lines === 0) return size
  let left = lines
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - stepBytes)
    const bytes = new Uint8Array(end - start)
    for (let filled = 0; filled < bytes.length; ) {
      const count = await read(bytes.subarray(filled), start + filled)
      if (count === 0) return start
      filled += count
    }
    let at = end === size ? bytes.length - 2 : bytes.length - 1
    for (; at >= 0; at--) {
      if (bytes[at] === newline && --left === 0) return start + at + 1
    }
    end = start
  }
  return 0
}
