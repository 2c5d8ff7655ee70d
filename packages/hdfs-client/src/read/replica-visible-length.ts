import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import { RemoteException } from '@cairn/hadoop-rpc'
import { clientDatanodeProtocol } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'
import { ipcAddress } from './datanode-address.ts'

/**
 * How many bytes of a block being written readers may see, as one of its DataNodes says
 * (clientDatanodeProtocol.methods.getReplicaVisibleLength). 0 when no DataNode has a replica yet.
 */
export async function replicaVisibleLength(
  context: ClientContext,
  path: string,
  block: LocatedBlockProto,
  options?: CallOptions,
): Promise<number> {
  let failure: unknown
  for (const { id } of block.locs) {
    try {
      const { length } = await context.rpc.call(
        ipcAddress(id, context.settings),
        clientDatanodeProtocol.name,
        clientDatanodeProtocol.methods.getReplicaVisibleLength,
        { block: block.b },
        { ...options },
      )
      return Number(length)
    } catch (error) {
      options?.signal?.throwIfAborted()
      // A DataNode that was chosen and has received nothing yet has no replica.
      if (!(error instanceof RemoteException && error.simpleClass === 'ReplicaNotFoundException'))
        failure = error
    }
  }
  if (failure === undefined) return 0
  const detail = 'no DataNode told the length of the block being written'
  throw new HdfsFileError('EIO', 'open', { path, detail, cause: failure })
}
