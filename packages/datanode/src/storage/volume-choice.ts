import { ReplicaError } from './replica-error.ts'
import type { PoolSlice } from './volume.ts'

/** Takes volumes in turn and passes over those without room; Java's `RoundRobinVolumeChoosingPolicy`. */
export class RoundRobinChoice {
  #next = 0

  /** @param storageType a number of `StorageTypeProto` that the NameNode chose; undefined takes any. */
  choose(slices: readonly PoolSlice[], bytes: number, storageType: number | undefined): PoolSlice {
    const fitting = slices.filter(
      ({ volume }) => storageType === undefined || volume.storageType === storageType,
    )
    // A client or NameNode that does not tell types apart gets what there is.
    const candidates = fitting.length > 0 ? fitting : slices
    let most = 0
    for (let tried = 0; tried < candidates.length; tried++) {
      const slice = candidates[this.#next++ % candidates.length]!
      const { remaining } = slice.volume.space()
      if (remaining >= bytes) return slice
      most = Math.max(most, remaining)
    }
    throw new ReplicaError(
      'ERR_DN_DISK_FULL',
      `find room for a block of ${bytes} bytes: found at most ${most} bytes on a volume of type ${storageType ?? 'any'}`,
    )
  }
}
