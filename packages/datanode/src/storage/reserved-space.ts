// How much of a volume is left to others; `ReservedSpaceCalculator` and its four kinds.
import { storageTypeName } from './storage-location.ts'

/** Java's `ReservedSpaceCalculator…`: bytes, a part of the disk, the larger of both, or the smaller. */
export type ReservedSpaceKind = 'absolute' | 'percentage' | 'conservative' | 'aggressive'

/**
 * What is left to others on each volume. The narrowest setting counts: that of the directory and its type, of the
 * directory, of the type, of all.
 */
export interface ReservedSpace {
  /** `dfs.datanode.du.reserved.calculator`. Default `absolute`. */
  readonly kind?: ReservedSpaceKind
  /** `dfs.datanode.du.reserved`. Default 0. */
  readonly bytes?: number
  /** What follows `dfs.datanode.du.reserved.`: `/data/1.ssd`, `/data/1`, `ssd`. */
  readonly bytesOf?: Readonly<Record<string, number>>
  /** `dfs.datanode.du.reserved.pct`, percent of the capacity. Default 0. */
  readonly percent?: number
  /** What follows `dfs.datanode.du.reserved.pct.`. */
  readonly percentOf?: Readonly<Record<string, number>>
}

/** Bytes that are left to others on a disk of `capacity` bytes. */
export function reservedBytes(
  reserved: ReservedSpace,
  volume: { readonly path: string; readonly storageType: number },
  capacity: number,
): number {
  const type = storageTypeName(volume.storageType).toLowerCase()
  const narrowest = (settings: Readonly<Record<string, number>> | undefined, all = 0): number =>
    settings?.[`${volume.path}.${type}`] ?? settings?.[volume.path] ?? settings?.[type] ?? all
  const bytes = (): number => narrowest(reserved.bytesOf, reserved.bytes)
  const part = (): number => Math.floor((capacity * narrowest(reserved.percentOf, reserved.percent)) / 100)
  switch (reserved.kind ?? 'absolute') {
    case 'absolute':
      return bytes()
    case 'percentage':
      return part()
    case 'conservative':
      return Math.max(bytes(), part())
    case 'aggressive':
      return Math.min(bytes(), part())
  }
}
