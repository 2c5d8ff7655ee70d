/** Blocks, DataNodes and storages as clients and DataNodes name them. */
import type { Core } from '../core.ts'
import type { Datanode } from '../datanodes/datanode.ts'
import type { DatanodeStorage } from '../datanodes/datanode-storage.ts'

/** A block as a client names it. */
export interface ClientBlock {
  readonly id: number
  readonly generationStamp: number
  readonly numBytes: number
}

/** A block as texts name it. */
export function nameOf(core: Core, block: ClientBlock | undefined): string {
  if (block === undefined) return 'null'
  return `${core.namespace.identity.blockPoolId}:blk_${block.id}_${block.generationStamp}`
}

/** The same without its pool. */
export function blockName(
  block: { readonly id: number; readonly generationStamp: number } | undefined,
): string {
  return block === undefined ? 'null' : `blk_${block.id}_${block.generationStamp}`
}

/** DataNodes by uuid, those that are known. */
export function nodesNamed(core: Core, uuids: readonly string[]): Set<Datanode> {
  return new Set(uuids.flatMap((uuid) => core.datanodes.get(uuid) ?? []))
}

/** A storage by the ids that clients and DataNodes use; Java's clients may leave the storage out. */
export function storageOf(core: Core, uuid: string, storageId: string): DatanodeStorage | undefined {
  const datanode = core.datanodes.get(uuid)
  return datanode?.storages.get(storageId) ?? datanode?.storages.values().next().value
}
