import type { ExtendedBlockProto } from '@cairn/hadoop-proto'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import type { NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { pause } from '../pause.ts'

/**
 * Waits between questions, in milliseconds; the last one repeats. DataNodes mostly report a finished block within a
 * millisecond, about as long as a question takes, so it pays to ask again at once (Java's client first waits 400 ms).
 */
export const completeWaitsMs: readonly number[] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 400]
/** How long the last block's replicas may take to be reported. */
export const completeWaitMs = 60_000

/** What `complete` needs to know. */
export interface CompleteRequest {
  readonly src: string
  readonly clientName: string
  readonly last: ExtendedBlockProto | undefined
  readonly fileId: bigint
}

/** Closes a file on the NameNode: asks until enough replicas of the last block are reported. */
export async function completeFile(
  namenode: NamenodeProxy,
  request: CompleteRequest,
  signal?: AbortSignal,
): Promise<void> {
  const startedAt = performance.now()
  for (let asked = 0; ; asked += 1) {
    const done = await namenode
      .call('complete', request, { signal })
      .then(({ result }) => result)
      .catch((error: unknown) => throwFileError(error, 'close', request.src))
    if (done) return
    if (performance.now() - startedAt > completeWaitMs) {
      const detail = `the last block had too few replicas for ${completeWaitMs / 1000} s`
      throw new HdfsFileError('ETIMEDOUT', 'close', { path: request.src, detail })
    }
    const waitMs = completeWaitsMs[Math.min(asked, completeWaitsMs.length - 1)]!
    if (waitMs > 0) await pause(waitMs, signal)
  }
}
