/** Replicas that a reader or a DataNode found damaged; BlockManager.findAndMarkBlockAsCorrupt. */
import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import type { BlockManager } from './block-manager.ts'

/** Marks them; a reporter that names no storage means the replica of that DataNode, wherever it lies. */
export function markDamaged(manager: BlockManager, reported: readonly LocatedBlockProto[]): void {
  for (const { b, locs, storageIDs } of reported) {
    const block = manager.namespace.blocks.get(Number(b.blockId))
    if (block === undefined) continue
    locs.forEach(({ id }, index) => {
      const there = block.replicas.filter(({ datanode }) => datanode.uuid === id.datanodeUuid)
      const storage = there.find(({ storageId }) => storageId === storageIDs[index]) ?? there[0]
      if (storage !== undefined) manager.markCorrupt(storage, block, block, 'CORRUPTION_REPORTED')
    })
  }
}
