import { kernel } from '@cairn/checksum'
import { checksumPosition, metaLength, readBlockChecksum } from './block-meta.ts'
import { formatReplica, type Replica } from './replica.ts'
import { ReplicaError } from './replica-error.ts'
import type { ReplicaFile } from './volume.ts'

/** Shortens both files. A chunk that is cut gets a new checksum, but only after its bytes were checked with the old. */
export function truncateReplica(replica: Replica, file: ReplicaFile, length: number): void {
  const attempt = `truncate ${formatReplica(replica)} from ${replica.length} to ${length} bytes`
  if (length > replica.length)
    throw new ReplicaError('ERR_DN_REPLICA_STATE', `${attempt}: it is shorter already`)
  if (length === replica.length) return
  const checksum = readBlockChecksum(file, formatReplica(replica))
  const { type, bytesPerChecksum } = checksum
  const partial = length % bytesPerChecksum
  const metaBefore = metaLength(replica.length, checksum)
  if (partial > 0 && type !== 'NULL') {
    const start = length - partial
    const chunk = new Uint8Array(Math.min(bytesPerChecksum, replica.length - start))
    const sum = new Uint8Array(4)
    file.readSync('data', chunk, start)
    file.readSync('meta', sum, checksumPosition(start, checksum))
    if (kernel.verify(type, chunk, bytesPerChecksum, sum) !== -1) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_CORRUPT',
        `${attempt}: found a last chunk that does not fit its checksum`,
      )
    }
    kernel.compute(type, chunk.subarray(0, partial), bytesPerChecksum, sum)
    // The data is cut first: a kill in between leaves a chunk under the checksum of a longer one, which a restart
    // takes for damage at the tail and cuts to the chunk before; the recovery that asked is asked again.
    file.truncate('data', length)
    file.write('meta', [sum], checksumPosition(start, checksum))
  } else {
    file.truncate('data', length)
  }
  file.truncate('meta', metaLength(length, checksum))
  replica.slice.addUsedBytes(length - replica.length + metaLength(length, checksum) - metaBefore)
  replica.length = length
  replica.bytesAcked = Math.min(replica.bytesAcked, length)
  replica.lastChunk = undefined
}
