// On which volume a new replica is put. Only those of the storage type that the NameNode chose come into question.
import { ReplicaError } from './replica-error.ts'
import { storageTypeName } from './storage-location.ts'
import type { PoolSlice } from './volume.ts'

/** `dfs.datanode.fsdataset.volume.choosing.policy` and what belongs to it. */
export interface VolumeChoiceOptions {
  /** Default `round-robin`. */
  readonly policy?: 'round-robin' | 'available-space'
  /**
   * `dfs.datanode.round-robin-volume-choosing-policy.additional-available-space`: room that must be left besides the
   * block. Default 0, where Java has 1 GiB: the room of a block is kept free while it is written.
   */
  readonly additionalAvailableBytes?: number
  /**
   * `dfs.datanode.available-space-volume-choosing-policy.balanced-space-threshold`: volumes whose free room differs
   * by less are taken in turn. Default 10 GiB.
   */
  readonly balancedSpaceThresholdBytes?: number
  /**
   * `dfs.datanode.available-space-volume-choosing-policy.balanced-space-preference-fraction`: share of the new blocks
   * that goes to the volumes with more room. Default 0.75.
   */
  readonly balancedSpacePreferenceFraction?: number
  /** From 0 to below 1. Default `Math.random`. */
  readonly random?: () => number
}

/** A policy with its memory. */
export interface VolumeChoice {
  /**
   * @param storageType a number of `StorageTypeProto` that the NameNode chose; undefined takes any.
   * @throws ReplicaError `ERR_DN_DISK_FULL` when no volume of that type has room.
   */
  choose(slices: readonly PoolSlice[], bytes: number, storageType: number | undefined): PoolSlice
}

interface Candidate {
  readonly slice: PoolSlice
  readonly remaining: number
}

export function makeVolumeChoice(options: VolumeChoiceOptions = {}): VolumeChoice {
  return options.policy === 'available-space'
    ? new AvailableSpaceChoice(options)
    : new RoundRobinChoice(options)
}

/** Takes volumes in turn and passes over those without room; Java's `RoundRobinVolumeChoosingPolicy`. */
export class RoundRobinChoice implements VolumeChoice {
  readonly #additionalBytes: number
  /** Every storage type has its own turn. */
  readonly #next = new Map<number | undefined, number>()

  constructor(options: VolumeChoiceOptions = {}) {
    this.#additionalBytes = options.additionalAvailableBytes ?? 0
  }

  choose(slices: readonly PoolSlice[], bytes: number, storageType: number | undefined): PoolSlice {
    const candidates = ofType(slices, storageType)
    const first = this.#next.get(storageType) ?? 0
    let most = 0
    for (let tried = 0; tried < candidates.length; tried++) {
      const at = (first + tried) % candidates.length
      const slice = candidates[at]!
      const { remaining } = slice.volume.space()
      if (remaining >= bytes + this.#additionalBytes) {
        this.#next.set(storageType, at + 1)
        return slice
      }
      most = Math.max(most, remaining)
    }
    throw noRoom(candidates.length, bytes, storageType, most)
  }
}

/**
 * Prefers volumes with more room, but not so that the others get nothing; Java's
 * `AvailableSpaceVolumeChoosingPolicy`.
 */
export class AvailableSpaceChoice implements VolumeChoice {
  readonly #threshold: number
  readonly #fraction: number
  readonly #random: () => number
  readonly #all = new RoundRobinChoice()
  readonly #high = new RoundRobinChoice()
  readonly #low = new RoundRobinChoice()

  constructor(options: VolumeChoiceOptions = {}) {
    this.#threshold = options.balancedSpaceThresholdBytes ?? 10 * 1024 ** 3
    this.#fraction = options.balancedSpacePreferenceFraction ?? 0.75
    this.#random = options.random ?? Math.random
  }

  choose(slices: readonly PoolSlice[], bytes: number, storageType: number | undefined): PoolSlice {
    const candidates: Candidate[] = ofType(slices, storageType).map((slice) => ({
      slice,
      remaining: slice.volume.space().remaining,
    }))
    const room = candidates.map(({ remaining }) => remaining)
    const least = Math.min(...room)
    if (candidates.length < 2 || Math.max(...room) - least < this.#threshold)
      return this.#all.choose(slices, bytes, storageType)
    const low = candidates.filter(({ remaining }) => remaining <= least + this.#threshold)
    const high = candidates.filter((candidate) => !low.includes(candidate))
    const mostOfLow = Math.max(...low.map(({ remaining }) => remaining))
    const preferred = high.length * this.#fraction
    const scaled = preferred / (preferred + low.length * (1 - this.#fraction))
    const takeHigh = mostOfLow < bytes || this.#random() < scaled
    const from = (takeHigh ? high : low).map(({ slice }) => slice)
    return (takeHigh ? this.#high : this.#low).choose(from, bytes, storageType)
  }
}

function ofType(slices: readonly PoolSlice[], storageType: number | undefined): readonly PoolSlice[] {
  return storageType === undefined
    ? slices
    : slices.filter(({ volume }) => volume.storageType === storageType)
}

function noRoom(count: number, bytes: number, storageType: number | undefined, most: number): ReplicaError {
  const type = storageType === undefined ? 'any type' : `type ${storageTypeName(storageType)}`
  const found =
    count === 0 ? `no volume of ${type}` : `at most ${most} bytes on a volume of ${type}, of ${count}`
  return new ReplicaError('ERR_DN_DISK_FULL', `find room for a block of ${bytes} bytes: found ${found}`)
}
