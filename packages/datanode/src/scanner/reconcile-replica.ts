// One block on one volume, memory against disk, as Java's `FsDatasetImpl.checkAndUpdate`. Happens in one step of the
// event loop and looks at the files itself: what a scan found is old by the time it is acted upon.
import { statSync, unlinkSync } from 'node:fs'
import { formatReplica, type Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolSlice, ReplicaName } from '../storage/volume.ts'

/** What was different, and has been put right or reported. */
export type Difference =
  /** The block file was gone: the replica is forgotten. */
  | { readonly kind: 'missing-data'; readonly replica: Replica }
  /** Files that memory did not know. */
  | { readonly kind: 'missing-memory'; readonly replica: Replica }
  | { readonly kind: 'missing-meta'; readonly replica: Replica }
  /** The block file had another length than the replica. */
  | { readonly kind: 'length'; readonly replica: Replica; readonly was: number }
  /** The same block was on two volumes; the worse one was deleted. */
  | { readonly kind: 'duplicate'; readonly blockId: bigint; readonly kept: string }
  /** Meta files without their block file, or of an older generation. */
  | { readonly kind: 'orphan-meta'; readonly path: string }

export interface ScannedBlock {
  readonly blockId: bigint
  /** Generation stamps of the meta files that the scan saw. */
  readonly stamps: readonly bigint[]
}

/** Compares one block of a volume with memory and puts it right. */
export function reconcileReplica(store: ReplicaStore, slice: PoolSlice, scanned: ScannedBlock): Difference[] {
  const { blockId } = scanned
  const replica = store.find(blockId)
  // Somebody works on it: its files move.
  if (replica && replica.state !== 'FINALIZED') return []
  const length = sizeOf(slice, 'data', nameOf(blockId, 0n))
  const stamps = scanned.stamps.filter((stamp) => sizeOf(slice, 'meta', nameOf(blockId, stamp)) !== undefined)
  if (length === undefined) return withoutData(store, slice, blockId, replica, stamps)
  if (!replica) return [addFound(store, slice, blockId, stamps, length)]
  if (replica.slice !== slice) return [resolveDuplicate(store, slice, replica, { stamps, length })]
  return compare(store, slice, replica, { stamps, length })
}

function withoutData(
  store: ReplicaStore,
  slice: PoolSlice,
  blockId: bigint,
  replica: Replica | undefined,
  stamps: readonly bigint[],
): Difference[] {
  const differences: Difference[] = []
  if (replica?.slice === slice) {
    const known = sizeOf(slice, 'meta', replica) === undefined ? [] : [replica.generationStamp]
    store.forget(replica)
    for (const stamp of new Set([...stamps, ...known])) removeMeta(slice, nameOf(blockId, stamp))
    return [{ kind: 'missing-data', replica }]
  }
  for (const stamp of stamps) {
    const path = removeMeta(slice, nameOf(blockId, stamp))
    if (path) differences.push({ kind: 'orphan-meta', path })
  }
  return differences
}

function addFound(
  store: ReplicaStore,
  slice: PoolSlice,
  blockId: bigint,
  stamps: readonly bigint[],
  length: number,
): Difference {
  // Without a meta file: the generation stamp that a start and Java's DataNode give it too.
  const replica = store.addFound(slice, { blockId, generationStamp: newestOf(stamps) ?? 0n }, length)
  slice.addUsedBytes(length + (sizeOf(slice, 'meta', replica) ?? 0))
  return stamps.length === 0 ? { kind: 'missing-meta', replica } : { kind: 'missing-memory', replica }
}

/** The newer, then the longer, then the known one stays. */
function resolveDuplicate(
  store: ReplicaStore,
  slice: PoolSlice,
  known: Replica,
  found: { readonly stamps: readonly bigint[]; readonly length: number },
): Difference {
  const { blockId } = known
  const stamp = newestOf(found.stamps)
  const knownIsHere = sizeOf(known.slice, 'data', known) !== undefined
  const better =
    stamp !== undefined &&
    (stamp > known.generationStamp ||
      (stamp === known.generationStamp && (!knownIsHere || found.length > known.length)))
  const kept = better ? slice : known.slice
  const doomed = better ? known.slice : slice
  if (better) store.addFound(slice, { blockId, generationStamp: stamp }, found.length)
  const doomedStamps = better ? [known.generationStamp] : found.stamps.length > 0 ? found.stamps : [0n]
  for (const doomedStamp of doomedStamps) void doomed.remove(nameOf(blockId, doomedStamp)).catch(() => {})
  return { kind: 'duplicate', blockId, kept: kept.volume.path }
}

function compare(
  store: ReplicaStore,
  slice: PoolSlice,
  replica: Replica,
  found: { readonly stamps: readonly bigint[]; readonly length: number },
): Difference[] {
  const differences: Difference[] = []
  const { blockId } = replica
  let stamp = replica.generationStamp
  if (sizeOf(slice, 'meta', replica) === undefined) {
    stamp = newestOf(found.stamps) ?? stamp
    if (found.stamps.length === 0) differences.push({ kind: 'missing-meta', replica })
  }
  for (const other of found.stamps) {
    if (other >= stamp) continue
    const path = removeMeta(slice, nameOf(blockId, other))
    if (path) differences.push({ kind: 'orphan-meta', path })
  }
  const was = replica.length
  if (stamp !== replica.generationStamp || found.length !== was) store.correct(replica, stamp, found.length)
  if (found.length !== was) differences.push({ kind: 'length', replica, was })
  return differences
}

/** A meta file among those that are being written whose block file is gone and that nobody knows of. */
export function reconcileUnfinished(
  store: ReplicaStore,
  slice: PoolSlice,
  scanned: ScannedBlock,
): Difference[] {
  const { blockId } = scanned
  const known = store.find(blockId)
  if (known && known.place === 'rbw' && known.slice === slice) return []
  const name = { place: 'rbw', blockId, generationStamp: 0n } as const
  if (sizeOf(slice, 'data', name) !== undefined) return []
  return scanned.stamps.flatMap((generationStamp) => {
    const path = removeMeta(slice, { ...name, generationStamp })
    return path ? [{ kind: 'orphan-meta', path } as const] : []
  })
}

/** For the log. */
export function describeDifference(difference: Difference): object {
  switch (difference.kind) {
    case 'orphan-meta':
      return { path: difference.path }
    case 'duplicate':
      return { blockId: difference.blockId, kept: difference.kept }
    case 'length':
      return { block: formatReplica(difference.replica), was: difference.was, is: difference.replica.length }
    default:
      return { block: formatReplica(difference.replica), volume: difference.replica.slice.volume.path }
  }
}

function nameOf(blockId: bigint, generationStamp: bigint): ReplicaName {
  return { place: 'finalized', blockId, generationStamp }
}

function newestOf(stamps: readonly bigint[]): bigint | undefined {
  return stamps.reduce<bigint | undefined>(
    (newest, stamp) => (newest === undefined || stamp > newest ? stamp : newest),
    undefined,
  )
}

function sizeOf(slice: PoolSlice, part: 'data' | 'meta', name: ReplicaName): number | undefined {
  return statSync(slice.paths![part](name), { throwIfNoEntry: false })?.size
}

/** The path, or undefined when it was not there. */
function removeMeta(slice: PoolSlice, name: ReplicaName): string | undefined {
  const path = slice.paths!.meta(name)
  const size = sizeOf(slice, 'meta', name)
  if (size === undefined) return undefined
  unlinkSync(path)
  slice.addUsedBytes(-size)
  return path
}
