import type {
  DatanodeInfoProto,
  ExtendedBlockProto,
  LocatedBlockProto,
  StorageTypeProto,
  TokenProto,
} from '@cairn/hadoop-proto'

/** A block with the DataNodes that it goes to, nearest first. */
export interface Pipeline {
  /** With the generation stamp that its replicas have. */
  readonly block: ExtendedBlockProto
  readonly token: TokenProto
  readonly nodes: readonly DatanodeInfoProto[]
  /** As many as nodes, or none. */
  readonly storageTypes: readonly StorageTypeProto[]
  readonly storageIds: readonly string[]
}

/** The pipeline that a LocatedBlock of addBlock or append describes. */
export function pipelineOf(located: LocatedBlockProto): Pipeline {
  return {
    block: located.b,
    token: located.blockToken,
    nodes: located.locs,
    storageTypes: located.storageTypes,
    storageIds: located.storageIDs,
  }
}

/** The pipeline without one of its nodes. */
export function withoutNode(pipeline: Pipeline, index: number): Pipeline {
  const others = <T>(items: readonly T[]): readonly T[] => items.filter((_, at) => at !== index)
  return {
    ...pipeline,
    nodes: others(pipeline.nodes),
    storageTypes: others(pipeline.storageTypes),
    storageIds: others(pipeline.storageIds),
  }
}

/** `blk_id_stamp` with the addresses of the nodes, for messages. */
export function formatPipeline({ block, nodes }: Pipeline): string {
  const addresses = nodes.map(({ id }) => `${id.ipAddr}:${id.xferPort}`).join(', ')
  return `blk_${block.blockId}_${block.generationStamp} on ${addresses || 'no DataNode'}`
}
