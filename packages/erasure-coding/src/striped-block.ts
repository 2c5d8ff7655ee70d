// [ec.id.1] Block ids of striped files are negative; the last four bits number the unit inside the group.
const unitMask = 0xfn

/** True for the id of a group or of an internal block; Java's `BlockIdManager.isStripedBlockID`. */
export function isStripedBlockId(blockId: bigint): boolean {
  return blockId < 0n
}

/** The id of the group that an internal block belongs to; Java's `BlockIdManager.convertToStripedID`. */
export function blockGroupId(blockId: bigint): bigint {
  return blockId & ~unitMask
}

/** Which unit of its group an internal block is, from 0; Java's `BlockIdManager.getBlockIndex`. */
export function unitOfBlockId(blockId: bigint): number {
  return Number(blockId & unitMask)
}

/** The id of one unit's block. */
export function internalBlockId(groupId: bigint, unit: number): bigint {
  return groupId + BigInt(unit)
}

/**
 * [ec.length.1] Bytes of one unit's block in a group that holds `groupBytes` of the file; Java's
 * `StripedBlockUtil.getInternalBlockLength`. A parity unit is as long as the first data unit.
 */
export function internalBlockLength(
  groupBytes: number,
  cellSize: number,
  dataUnits: number,
  unit: number,
): number {
  const stripeBytes = cellSize * dataUnits
  const fullStripes = Math.floor(groupBytes / stripeBytes)
  const rest = groupBytes - fullStripes * stripeBytes
  const column = unit < dataUnits ? unit : 0
  return fullStripes * cellSize + Math.min(cellSize, Math.max(0, rest - column * cellSize))
}
