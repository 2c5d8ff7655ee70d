import { setImmediate } from 'node:timers/promises'
import { kernel } from '@cairn/checksum'
import { checksumBytes, checksumPosition, metaLength, readBlockChecksum } from '../storage/block-meta.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { CachedFiles, ReplicaFile, ReplicaPart } from '../storage/volume.ts'

const pieceBytes = 1024 * 1024

/**
 * Reads a complete replica into memory and compares it with its checksums on the way. Rejects with
 * `ERR_DN_REPLICA_CORRUPT` when something does not fit.
 */
export async function loadCachedBytes(replica: Replica): Promise<CachedBytes> {
  const name = formatReplica(replica)
  const { generationStamp, length } = replica
  const file = replica.slice.open(replica, 'disk')
  try {
    const format = readBlockChecksum(file, name)
    const { type, bytesPerChecksum } = format
    const data = Buffer.allocUnsafeSlow(length)
    const meta = new Uint8Array(metaLength(length, format))
    const corrupt = (found: string): ReplicaError =>
      new ReplicaError('ERR_DN_REPLICA_CORRUPT', `keep ${name} in memory: found ${found}`)
    if ((await file.read('meta', [meta], 0)) < meta.length) throw corrupt('a meta file that is too short')
    const step = Math.max(1, Math.floor(pieceBytes / bytesPerChecksum)) * bytesPerChecksum
    for (let at = 0; at < length; at += step) {
      const piece = data.subarray(at, Math.min(length, at + step))
      if ((await file.read('data', [piece], at)) < piece.length)
        throw corrupt('a block file that is too short')
      const sumsAt = checksumPosition(at, format)
      const sums = Math.ceil(piece.length / bytesPerChecksum) * checksumBytes(type)
      const bad = kernel.verify(type, piece, bytesPerChecksum, meta.subarray(sumsAt, sumsAt + sums))
      if (bad !== -1)
        throw corrupt(`a chunk at ${at + bad * bytesPerChecksum} that does not fit its checksum`)
      await setImmediate()
    }
    return new CachedBytes(generationStamp, data, meta)
  } finally {
    file.close()
  }
}

/** Block and meta file of one generation of a replica, in memory. */
export class CachedBytes implements CachedFiles, ReplicaFile {
  readonly generationStamp: bigint
  readonly #files: Readonly<Record<ReplicaPart, Uint8Array>>

  constructor(generationStamp: bigint, data: Uint8Array, meta: Uint8Array) {
    this.generationStamp = generationStamp
    this.#files = { data, meta }
  }

  open(): ReplicaFile {
    return this
  }

  length(part: ReplicaPart): number {
    return this.#files[part].length
  }

  readSync(part: ReplicaPart, target: Uint8Array, position: number): number {
    const source = this.#files[part]
    const end = Math.min(source.length, position + target.length)
    if (end <= position) return 0
    target.set(source.subarray(position, end))
    return end - position
  }

  readPiecesSync(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): number {
    let done = 0
    for (const piece of pieces) done += this.readSync(part, piece, position + done)
    return done
  }

  read(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): Promise<number> {
    return Promise.resolve(this.readPiecesSync(part, pieces, position))
  }

  write(): never {
    throw new TypeError('write a replica that is kept in memory: it is open for reading')
  }

  truncate(): never {
    throw new TypeError('cut a replica that is kept in memory: it is open for reading')
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {
    // The bytes belong to the cache; who reads them keeps them alive.
  }
}
