import type { DatanodeInfoProto, ErasureCodingPolicyProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import {
  type BlockChecksum,
  type BlockChecksumOptions,
  blockChecksum,
  blockGroupChecksum,
  datanodeAddress,
} from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'

interface ReplicaChecksumOptions {
  readonly type: NonNullable<BlockChecksumOptions['type']>
  /** Of the file, when it is striped. */
  readonly ecPolicy: ErasureCodingPolicyProto | undefined
  readonly signal: AbortSignal | undefined
}

/** The checksum of one block, or block group when there is a policy, from the first of its DataNodes that gives it. */
export async function replicaChecksum(
  context: ClientContext,
  path: string,
  block: LocatedBlockProto,
  options: ReplicaChecksumOptions,
): Promise<BlockChecksum> {
  const { deadNodes } = context
  const isDead = ({ id }: { id: { datanodeUuid: string } }) => Number(deadNodes.has(id.datanodeUuid))
  const nodes = block.locs.toSorted((a, b) => isDead(a) - isDead(b))
  let failure: unknown
  for (const node of nodes) {
    try {
      const sum = await askOne(context, block, node, options)
      if (sum.type === options.type) return sum
      const detail = `its DataNodes know ${sum.type} only; Hadoop has ${options.type} since 3.1.1`
      failure = new HdfsFileError('ENOTSUP', 'checksum', { path, detail })
    } catch (error) {
      options.signal?.throwIfAborted()
      failure = error
    }
  }
  if (failure instanceof HdfsFileError) throw failure
  const detail = `no DataNode gave the ${options.type} checksum of block ${block.b.blockId}`
  throw new HdfsFileError('EIO', 'checksum', { path, detail, cause: failure })
}

function askOne(
  context: ClientContext,
  block: LocatedBlockProto,
  node: DatanodeInfoProto,
  { type, ecPolicy, signal }: ReplicaChecksumOptions,
): Promise<BlockChecksum> {
  const { settings, datanodes, namenode } = context
  const asked = {
    connections: datanodes,
    datanode: datanodeAddress(node, settings.useDatanodeHostname),
    block: block.b,
    token: block.blockToken,
    dataTransfer: namenode.generation.dataTransfer,
    timeoutMs: settings.dataTimeoutMs,
    type,
    signal,
  }
  if (ecPolicy === undefined) return blockChecksum(asked)
  return blockGroupChecksum({
    ...asked,
    ecPolicy,
    datanodes: block.locs,
    blockIndices: [...(block.blockIndices ?? [])],
    blockTokens: block.blockTokens,
    length: Number(block.b.numBytes ?? 0n),
  })
}
