import type { DatanodeInfoProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'

/** Tells the NameNode that one replica is damaged (reportBadBlocks), so that it is replaced from a good one. */
export async function reportBadReplica(
  context: ClientContext,
  block: LocatedBlockProto,
  node: DatanodeInfoProto,
): Promise<void> {
  const index = block.locs.indexOf(node)
  const one = <T>(items: readonly T[]): T[] => (items[index] === undefined ? [] : [items[index]])
  const bad: LocatedBlockProto = {
    ...block,
    locs: [node],
    isCached: one(block.isCached),
    storageTypes: one(block.storageTypes),
    storageIDs: one(block.storageIDs),
  }
  // The reader goes on with another replica whether the NameNode hears of this one or not.
  await context.namenode
    .call('reportBadBlocks', { blocks: [bad] }, { timeoutMs: 10_000 })
    .catch(() => undefined)
}
