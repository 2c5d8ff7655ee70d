// A block group as orders and requests describe it: which code, how long, who holds which unit.
import { ProtocolError } from '@cairn/bytes'
import { internalBlockId, internalBlockLength, type Schema } from '@cairn/erasure-coding'
import type { DatanodeInfoProto, ExtendedBlockProto, TokenProto } from '@cairn/hadoop-proto'

/** Who holds one unit of a group. */
export interface UnitSource {
  readonly node: DatanodeInfoProto
  /** For the unit's block; absent where the request brings none. */
  readonly token?: TokenProto | undefined
}

/** A group and those of its units that are said to be there. */
export interface BlockGroup {
  /** The group's id and generation stamp. */
  readonly block: ExtendedBlockProto
  /** Bytes of the file in this group. */
  readonly bytes: number
  readonly schema: Schema
  readonly cellSize: number
  /** By unit. */
  readonly sources: ReadonlyMap<number, UnitSource>
}

export function unitCount({ schema }: BlockGroup): number {
  return schema.dataUnits + schema.parityUnits
}

/** Bytes of one unit when the group held `groupBytes` of the file; default: as long as it is. */
export function unitLength(group: BlockGroup, unit: number, groupBytes = group.bytes): number {
  return internalBlockLength(groupBytes, group.cellSize, group.schema.dataUnits, unit)
}

/** The internal block of one unit; Java's `StripedBlockUtil.constructInternalBlock`. */
export function unitBlock(group: BlockGroup, unit: number, length: number): ExtendedBlockProto {
  return {
    ...group.block,
    blockId: internalBlockId(group.block.blockId, unit),
    numBytes: BigInt(length),
  }
}

/** Units of a list on the wire beside who holds them; those outside the group are refused. */
export function sourcesOf(
  units: readonly number[],
  nodes: readonly DatanodeInfoProto[],
  tokens: readonly TokenProto[],
  count: number,
): Map<number, UnitSource> {
  const sources = new Map<number, UnitSource>()
  units.forEach((unit, index) => {
    const node = nodes[index]
    if (unit >= count || node === undefined) {
      throw new ProtocolError(
        'ERR_DN_EC_UNITS',
        `read who holds which unit: found unit ${unit} of ${count} at ${index} of ${nodes.length} DataNodes`,
      )
    }
    // The first one named is taken, as in Java; another copy of the same unit adds nothing.
    if (!sources.has(unit)) sources.set(unit, { node, token: tokens[index] })
  })
  return sources
}
