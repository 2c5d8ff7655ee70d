/** From the numbers and names of messages to those of the NameNode. */

import type { CallContext } from '@cairn/hadoop-ipc'
import type { DatanodeIDProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import type { ClientBlock } from '../operations/client-block.ts'

/** A signed 64-bit number, whichever way it was sent; beyond 2^53 it is only about right, which is far enough. */
export function signed(value: bigint | undefined, absent = 0): number {
  return value === undefined ? absent : Number(BigInt.asIntN(64, value))
}

export function clientBlock(block: ExtendedBlockProto): ClientBlock {
  return {
    id: signed(block.blockId),
    generationStamp: signed(block.generationStamp),
    numBytes: signed(block.numBytes),
  }
}

export function optionalBlock(block: ExtendedBlockProto | undefined): ClientBlock | undefined {
  return block === undefined ? undefined : clientBlock(block)
}

/** Nodes with the storage that each uses, from two lists of the same order. */
export function nodesWithStorages(
  nodes: readonly DatanodeIDProto[],
  storageIds: readonly string[],
): { uuid: string; storageId: string }[] {
  return nodes.map((node, index) => ({ uuid: node.datanodeUuid, storageId: storageIds[index] ?? '' }))
}

/** Where the caller runs, as it goes into leases and texts. */
export function machineOf(call: CallContext): string {
  return call.remoteAddress
}
