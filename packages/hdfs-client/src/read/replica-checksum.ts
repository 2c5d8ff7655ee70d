import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import {
  type BlockChecksum,
  type BlockChecksumOptions,
  blockChecksum,
  datanodeAddress,
} from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'

/** The checksum of one block, from the first of its DataNodes that gives it. */
export async function replicaChecksum(
  context: ClientContext,
  path: string,
  block: LocatedBlockProto,
  options: { type: NonNullable<BlockChecksumOptions['type']>; signal: AbortSignal | undefined },
): Promise<BlockChecksum> {
  const { settings, datanodes, deadNodes } = context
  const isDead = ({ id }: { id: { datanodeUuid: string } }) => Number(deadNodes.has(id.datanodeUuid))
  const nodes = block.locs.toSorted((a, b) => isDead(a) - isDead(b))
  let failure: unknown
  for (const node of nodes) {
    try {
      const sum = await blockChecksum({
        connections: datanodes,
        datanode: datanodeAddress(node, settings.useDatanodeHostname),
        block: block.b,
        token: block.blockToken,
        dataTransfer: context.namenode.generation.dataTransfer,
        timeoutMs: settings.dataTimeoutMs,
        ...options,
      })
      // DataNodes before Hadoop 3.1 do not know composite CRCs and answer with an MD5.
      if (sum.type === options.type) return sum
      failure = new Error(`the DataNode answered with ${sum.type}`)
    } catch (error) {
      options.signal?.throwIfAborted()
      failure = error
    }
  }
  const detail = `no DataNode gave the ${options.type} checksum of block ${block.b.blockId}`
  throw new HdfsFileError('EIO', 'checksum', { path, detail, cause: failure })
}
