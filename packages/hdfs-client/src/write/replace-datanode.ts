// A pipeline that lost a DataNode may take in another one: the NameNode names it (getAdditionalDatanode), a node that
// has the block copies it there (TRANSFER_BLOCK), and the pipeline is set up with it.

import type { DatanodeInfoProto } from '@cairn/hadoop-proto'
import { datanodeAddress, transferBlock } from '@cairn/hdfs-block-io'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import type { ReplaceDatanodePolicy } from '../settings.ts'
import type { Pipeline } from './pipeline.ts'
import type { WrittenFile } from './written-file.ts'

/** What the policy looks at. */
export interface PipelineNeed {
  readonly replication: number
  readonly nodes: number
  /** The block was there before this writer, or readers were promised its bytes: fewer copies would break that. */
  readonly promised: boolean
}

/** Whether the policy wants another DataNode (ReplaceDatanodeOnFailure.satisfy). */
export function wantsReplacement(policy: ReplaceDatanodePolicy, need: PipelineNeed): boolean {
  const { replication, nodes, promised } = need
  if (!policy.enabled || policy.policy === 'NEVER' || nodes === 0 || nodes >= replication) return false
  if (policy.policy === 'ALWAYS') return true
  if (replication < 3) return false
  return nodes <= Math.floor(replication / 2) || promised
}

/** The pipeline with one more DataNode, which has a copy of the block's acknowledged bytes. */
export async function addDatanode(
  context: ClientContext,
  file: WrittenFile,
  pipeline: Pipeline,
  failed: readonly DatanodeInfoProto[],
  signal: AbortSignal | undefined,
): Promise<Pipeline> {
  const { block: located } = await context.namenode.call(
    'getAdditionalDatanode',
    {
      src: file.path,
      blk: pipeline.block,
      existings: [...pipeline.nodes],
      excludes: [...failed],
      numAdditionalNodes: 1,
      clientName: context.leases.clientName,
      existingStorageUuids: [...pipeline.storageIds],
      fileId: file.fileId,
    },
    { signal },
  )
  const known = new Set(pipeline.nodes.map(({ id }) => id.datanodeUuid))
  const at = located.locs.findIndex(({ id }) => !known.has(id.datanodeUuid))
  const added = located.locs[at]
  if (added === undefined) {
    const detail = 'the NameNode knows no DataNode to replace the failed one'
    throw new HdfsFileError('ENOSPC', 'write', { path: file.path, detail })
  }
  const storageType = located.storageTypes[at]
  const storageId = located.storageIDs[at]
  await transferBlock({
    connections: context.datanodes,
    datanode: datanodeAddress(pipeline.nodes[0]!, context.settings.useDatanodeHostname),
    block: pipeline.block,
    token: located.blockToken,
    clientName: context.leases.clientName,
    targets: [added],
    targetStorageTypes: storageType === undefined ? [] : [storageType],
    targetStorageIds: storageId === undefined ? [] : [storageId],
    timeoutMs: context.settings.dataTimeoutMs,
    signal,
  })
  return {
    ...pipeline,
    nodes: [...pipeline.nodes, added],
    storageTypes: storageType === undefined ? [] : [...pipeline.storageTypes, storageType],
    storageIds: storageId === undefined ? [] : [...pipeline.storageIds, storageId],
  }
}
