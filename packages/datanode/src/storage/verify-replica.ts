import { setImmediate } from 'node:timers/promises'
import { kernel } from '@cairn/checksum'
import { checksumBytes, checksumPosition, metaLength, readBlockChecksum } from './block-meta.ts'
import { formatReplica, type Replica } from './replica.ts'
import { ReplicaError } from './replica-error.ts'

const pieceBytes = 1024 * 1024

/** How a replica is read through. */
export interface VerifyOptions {
  /** Asked before every piece is read; may reject. */
  readonly throttle?: { take(bytes: number): Promise<void> } | undefined
}

/**
 * Reads a finalized replica through and compares every chunk with its checksum. Rejects with
 * `ERR_DN_REPLICA_CORRUPT` when something does not fit, and when `throttle` does.
 */
export async function verifyReplica(replica: Replica, options: VerifyOptions = {}): Promise<void> {
  const name = formatReplica(replica)
  const corrupt = (found: string): ReplicaError =>
    new ReplicaError('ERR_DN_REPLICA_CORRUPT', `verify ${name}: found ${found}`)
  const file = replica.slice.open(replica, 'disk')
  try {
    const format = readBlockChecksum(file, name)
    const { type, bytesPerChecksum } = format
    if (file.length('data') !== replica.length)
      throw corrupt(`a block file of ${file.length('data')} bytes, not ${replica.length}`)
    if (file.length('meta') < metaLength(replica.length, format))
      throw corrupt('a meta file that is too short')
    const step = Math.max(1, Math.floor(pieceBytes / bytesPerChecksum)) * bytesPerChecksum
    for (let at = 0; at < replica.length; at += step) {
      const data = new Uint8Array(Math.min(step, replica.length - at))
      await options.throttle?.take(data.length)
      const sums = new Uint8Array(Math.ceil(data.length / bytesPerChecksum) * checksumBytes(type))
      await file.read('data', [data], at)
      await file.read('meta', [sums], checksumPosition(at, format))
      const bad = kernel.verify(type, data, bytesPerChecksum, sums)
      if (bad !== -1)
        throw corrupt(`a chunk at ${at + bad * bytesPerChecksum} that does not fit its checksum`)
      await setImmediate()
    }
  } finally {
    file.close()
  }
}
