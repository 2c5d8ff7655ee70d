import type { RawImageSections } from '@cairn/hdfs-storage'

/**
 * What an image holds for features that this NameNode has not: kept from image to image, so that Java finds it again
 * ([image.section.7]).
 * Delegation keys and tokens, cache pools, erasure coding policies, which directories allow snapshots, and the
 * counters that go with them.
 */
export interface ImageCarry {
  readonly raw: RawImageSections
  readonly legacyGenerationStamp?: number | undefined
  readonly legacyGenerationStampLimit?: number | undefined
  readonly lastAllocatedStripedBlockId?: bigint | undefined
}

/** A namespace that never met such a feature. */
export const emptyImageCarry: ImageCarry = { raw: {} }

/** Directories keep their storage policy in this attribute (`BlockStoragePolicySuite`), files in a field of their own ([image.section.3]). */
export const storagePolicyXAttr = { namespace: 3, name: 'hsm.block.storage.policy.id' } as const

/** Namespace quota that Java's root has when nobody set one: 2^63 - 1 ([image.section.2]). */
export const rootNamespaceQuota = 2n ** 63n - 1n
