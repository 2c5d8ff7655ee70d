import { constants } from 'node:fs'
import type { ClientContext } from '../client-context.ts'
import { openFile } from '../file/open-file.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import { stat } from './metadata.ts'

/** Options of copyFile. */
export interface CopyFileOptions extends CallOptions {
  /** Refuses to replace an existing file (EEXIST). Default false. */
  exclusive?: boolean | undefined
}

const chunkBytes = 4 * 1024 * 1024

/** Copies a file's bytes and permission bits: HDFS has no copy of its own, so the data passes through here. */
export async function copyFile(
  context: ClientContext,
  from: string,
  to: string,
  options: CopyFileOptions | number = {},
): Promise<void> {
  const { signal, exclusive } = typeof options === 'number' ? fromMode(options) : options
  const source = await openFile(context, from, 'r', { signal })
  try {
    const { mode } = await stat(context.namenode, from, { signal })
    const target = await openFile(context, to, exclusive === true ? 'wx' : 'w', {
      signal,
      mode: mode & 0o777,
    })
    try {
      const buffer = new Uint8Array(chunkBytes)
      for (;;) {
        const { bytesRead } = await source.read(buffer)
        if (bytesRead === 0) break
        signal?.throwIfAborted()
        await target.write(buffer, 0, bytesRead)
      }
    } catch (error) {
      await target.abort().catch(() => undefined)
      throw error
    }
    await target.close()
  } finally {
    await source.close()
  }
}

function fromMode(mode: number): CopyFileOptions {
  return { exclusive: (mode & constants.COPYFILE_EXCL) !== 0 }
}
