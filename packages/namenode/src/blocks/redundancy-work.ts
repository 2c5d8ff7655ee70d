/**
 * One round of putting replica counts right: late copies are given up, endangered blocks get new ones.
 * BlockManager.RedundancyMonitor; runs every few seconds and never while in safe mode.
 */
import type { Datanode } from '../datanodes/datanode.ts'
import type { BlockInfo } from './block-info.ts'
import type { BlockManager } from './block-manager.ts'
import { chooseTargets } from './placement.ts'

/** Blocks looked at per round and live DataNode; dfs.namenode.replication.work.multiplier.per.iteration, generously. */
const blocksPerDatanode = 16

/** Returns the number of copies ordered. */
export function orderTransfers(manager: BlockManager): number {
  const { pending, env, settings } = manager
  for (const block of pending.takeTimedOut(env.elapsed() - settings.transferTimeoutMs)) manager.judge(block)
  if (manager.safeMode.on) return 0
  let ordered = 0
  const round = [...manager.low.copyable(blocksPerDatanode * manager.datanodes.liveCount)]
  for (const block of round) {
    if (orderTransfer(manager, block)) ordered++
    else manager.low.defer(block)
  }
  return ordered
}

function orderTransfer(manager: BlockManager, block: BlockInfo): boolean {
  const source = chooseSource(manager, block)
  if (source === undefined) return false
  const wanted = block.replication - manager.liveCount(block) - manager.pending.count(block)
  const excluded = new Set<Datanode>(manager.pending.targets(block))
  for (const storage of block.replicas) excluded.add(storage.datanode)
  for (const datanode of manager.datanodes.live()) {
    // A node refuses a copy while it has another replica: one that it was told to delete, or may yet report.
    if (datanode.toDelete.has(block.id) || !hasReported(datanode)) excluded.add(datanode)
  }
  const targets = chooseTargets(
    manager.datanodes.live(),
    { count: wanted, blockSize: block.numBytes, writer: '', excluded, favored: [], avoidLocal: false },
    manager.env,
    manager.settings,
  )
  if (targets.length === 0) {
    manager.giveUpCorruptReplica(block)
    return false
  }
  source.toTransfer.push({ block, targets })
  manager.pending.add(
    block,
    targets.map((storage) => storage.datanode),
    manager.env.elapsed(),
  )
  manager.judge(block)
  return true
}

function hasReported(datanode: Datanode): boolean {
  for (const storage of datanode.storages.values()) if (storage.blockReports === 0) return false
  return true
}

/** A DataNode with a good replica that is not busy sending already; drawn at random. */
function chooseSource(manager: BlockManager, block: BlockInfo): Datanode | undefined {
  const corrupt = manager.corrupt.get(block)
  const free = block.replicas
    .map((storage) => storage.datanode)
    .filter(
      (datanode) =>
        datanode.alive &&
        !corrupt?.has(datanode) &&
        datanode.toTransfer.length + datanode.xmitsInProgress < manager.settings.transferStreamsMax,
    )
  return free[Math.floor(manager.env.random() * free.length)]
}

/** Everything that a DataNode held or was to receive is lost to us until it comes back. */
export function forgetDatanode(manager: BlockManager, datanode: Datanode): void {
  for (const storage of datanode.storages.values()) {
    for (const block of [...storage.blocks]) manager.removeReplica(storage, block)
  }
  for (const block of manager.pending.removeTarget(datanode)) manager.judge(block)
  datanode.toDelete.clear()
  datanode.toTransfer.length = 0
  datanode.toRecover.length = 0
}
