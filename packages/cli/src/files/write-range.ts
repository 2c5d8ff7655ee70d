import type { HdfsClient } from '@cairn/hdfs-client'
import type { Context } from '../context.ts'
import { pump } from '../copy/pump.ts'
import type { Target } from '../paths/target.ts'

/** Which bytes of a file. */
export interface Range {
  /** First byte; negative counts from the end. Default 0. */
  readonly start?: number
  /** How many bytes at most. Default: to the end. */
  readonly bytes?: number
}

/** Writes bytes of a file to standard output; answers the offset after the last one. */
export async function writeRange(
  context: Context,
  client: HdfsClient,
  target: Target,
  range: Range = {},
): Promise<number> {
  const { signal } = context
  const handle = await client.open(target.path, 'r', { signal })
  try {
    const start = range.start ?? 0
    let position = start < 0 ? Math.max(0, (await handle.stat()).size + start) : start
    const end = position + (range.bytes ?? Number.POSITIVE_INFINITY)
    const read = async (buffer: Uint8Array) => {
      const length = Math.min(buffer.length, end - position)
      if (length === 0) return 0
      const { bytesRead } = await handle.read(buffer, 0, length, position)
      position += bytesRead
      return bytesRead
    }
    await pump(read, (bytes) => context.io.stdout.writeBytes(bytes), { signal })
    return position
  } finally {
    await handle.close()
  }
}
