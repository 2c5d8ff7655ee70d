import type { PoolIdentity } from '../storage/volume.ts'

/** A NameNode that stands for another namespace than the one whose blocks are here. */
export class NamespaceError extends Error {
  override readonly name = 'NamespaceError'
  readonly code = 'ERR_DN_NAMESPACE'
}

const fields = [
  ['blockPoolId', 'Blockpool ID'],
  ['namespaceId', 'Namespace ID'],
  ['clusterId', 'Cluster ID'],
] as const

/**
 * Throws `NamespaceError`, with both ids in its message, when a NameNode is not of the namespace that was joined
 * before; `BPOfferService.verifyAndSetNamespaceInfo` [dnp.handshake.3].
 */
export function checkSameNamespace(known: PoolIdentity, found: PoolIdentity): void {
  const mismatches = fields
    .filter(([field]) => known[field] !== found[field])
    .map(
      ([field, name]) =>
        `${name} mismatch: previously connected to ${name} ${known[field]} but now connected to ${name} ${found[field]}`,
    )
  if (mismatches.length === 0) return
  throw new NamespaceError(
    `join block pool ${found.blockPoolId} of cluster ${found.clusterId}: ${mismatches.join('; ')}`,
  )
}
