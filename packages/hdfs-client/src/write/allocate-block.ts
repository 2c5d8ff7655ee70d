import type { DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import { RemoteException } from '@cairn/hadoop-rpc'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError, throwFileError } from '../fs/file-error.ts'
import { pause } from '../pause.ts'
import { type Pipeline, pipelineOf } from './pipeline.ts'
import type { WrittenFile } from './written-file.ts'

/** Waits while the block before is not replicated enough yet, in milliseconds; then the write fails. */
export const notYetWaitsMs: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 400, 800, 1600, 3200, 6400]

/** Asks the NameNode for the next block and its DataNodes; `previous` is the block that was just finished. */
export async function allocateBlock(
  context: ClientContext,
  file: WrittenFile,
  previous: ExtendedBlockProto | undefined,
  excludeNodes: readonly DatanodeInfoProto[],
  signal: AbortSignal | undefined,
): Promise<Pipeline> {
  const request = {
    src: file.path,
    clientName: context.leases.clientName,
    previous,
    excludeNodes: [...excludeNodes],
    fileId: file.fileId,
    favoredNodes: [],
    flags: [],
  }
  for (let asked = 0; ; asked += 1) {
    try {
      const { block } = await context.namenode.call('addBlock', request, { signal })
      if (block.locs.length > 0) return pipelineOf(block)
      throw new HdfsFileError('ENOSPC', 'write', {
        path: file.path,
        detail: 'the NameNode named no DataNode',
      })
    } catch (error) {
      const waitMs = notYetWaitsMs[asked]
      const notYet = error instanceof RemoteException && error.simpleClass === 'NotReplicatedYetException'
      if (!notYet || waitMs === undefined) throwFileError(error, 'write', file.path)
      await pause(waitMs, signal)
    }
  }
}

/** Gives back a block that no byte of is safe, so that another can take its place. */
export async function abandonBlock(
  context: ClientContext,
  file: WrittenFile,
  block: ExtendedBlockProto,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clientName } = context.leases
  const request = { b: block, src: file.path, holder: clientName, fileId: file.fileId }
  await context.namenode
    .call('abandonBlock', request, { signal })
    .catch((error: unknown) => throwFileError(error, 'write', file.path))
}
