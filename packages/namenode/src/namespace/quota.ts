/** Keeping count of what directories with a quota hold; org.apache.hadoop.hdfs.server.namenode.QuotaCounts. */
import type { BlockInfo } from '../blocks/block-info.ts'
import type { INode, INodeDirectory, INodeFile, Quota } from './inode.ts'
import type { Namespace } from './namespace.ts'

/** Names and bytes (times replication) of a subtree. */
export interface Usage {
  names: number
  space: number
}

/** Bytes on DataNodes of one file; a block that is being written counts in full. */
export function storageSpaceOf(file: INodeFile): number {
  let bytes = 0
  for (const block of file.blocks) bytes += spaceOfBlock(file, block)
  return bytes * file.replication
}

function spaceOfBlock(file: INodeFile, block: BlockInfo): number {
  const settled = block.state === 'COMPLETE' || block.state === 'COMMITTED'
  return settled ? block.numBytes : Math.max(block.numBytes, file.preferredBlockSize)
}

/** Usage of a whole subtree, the node itself included. */
export function usageOf(inode: INode): Usage {
  const usage = { names: 0, space: 0 }
  const pending: INode[] = [inode]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    usage.names++
    if (node.kind === 'file') usage.space += storageSpaceOf(node)
    if (node.kind === 'directory' && node.children !== undefined) pending.push(...node.children.values())
  }
  return usage
}

/** Adds to every quota at or above `directory`. */
export function charge(
  namespace: Namespace,
  directory: INodeDirectory | undefined,
  names: number,
  space: number,
): void {
  if (namespace.quotaCount === 0) return
  for (let node = directory; node !== undefined; node = node.parent) {
    const quota = node.features?.quota
    if (quota === undefined) continue
    quota.namespaceUsed += names
    quota.storageSpaceUsed += space
  }
}

/** Runs a change of one file's blocks and charges the difference it made. */
export function chargeChange(namespace: Namespace, file: INodeFile, change: () => void): void {
  if (namespace.quotaCount === 0) {
    change()
    return
  }
  const before = storageSpaceOf(file)
  change()
  charge(namespace, file.parent, 0, storageSpaceOf(file) - before)
}

/** Quotas at or above a directory, the nearest first. */
export function* quotasAbove(
  namespace: Namespace,
  directory: INodeDirectory | undefined,
): Generator<{ directory: INodeDirectory; quota: Quota }> {
  if (namespace.quotaCount === 0) return
  for (let node = directory; node !== undefined; node = node.parent) {
    const quota = node.features?.quota
    if (quota !== undefined) yield { directory: node, quota }
  }
}
