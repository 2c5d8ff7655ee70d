// Moves a complete replica to another volume of this node; `FsDatasetImpl.moveBlock`.
//
//     source  finalized/blk ───────────────────────────────────────────────┬─▶ removed
//     target           tmp/blk, copied and verified ─▶ synced ─▶ finalized/blk ─▶ synced
//
// What a kill leaves: in `tmp` a part of a copy, which the next start removes; or both copies, complete and equal, of
// which the next start keeps one. Readers that have the old files open read on from them.
import { kernel } from '@cairn/checksum'
import { checksumBytes, checksumPosition, metaLength, readBlockChecksum } from './block-meta.ts'
import { formatReplica, type Replica } from './replica.ts'
import { ReplicaError } from './replica-error.ts'
import type { ReplicaStore } from './replica-store.ts'
import type { PoolSlice, ReplicaFile, ReplicaName } from './volume.ts'

export interface MoveOptions {
  /** Waits until so many bytes may be copied. */
  readonly throttle?: { take(bytes: number): Promise<void> }
  readonly signal?: AbortSignal
}

const pieceBytes = 1024 * 1024

/**
 * Copies the files, switches, and removes the old ones. Rejects with `ERR_DN_REPLICA_STATE` when the replica is not
 * complete or changed meanwhile, and with `ERR_DN_REPLICA_CORRUPT` when it is damaged: then it stays where it was.
 * Who calls tells the NameNode that the block was received on the new storage ([disk.move.1]).
 */
export async function moveReplica(
  store: ReplicaStore,
  replica: Replica,
  target: PoolSlice,
  options: MoveOptions = {},
): Promise<void> {
  const source = replica.slice
  const { blockId, generationStamp, length } = replica
  const attempt = `move ${formatReplica(replica)} from ${source.volume.path} to ${target.volume.path}`
  const unchanged = (): boolean =>
    store.find(blockId) === replica &&
    replica.state === 'FINALIZED' &&
    replica.slice === source &&
    replica.generationStamp === generationStamp &&
    replica.length === length &&
    store.slices.includes(target)
  if (source === target || !unchanged())
    throw new ReplicaError('ERR_DN_REPLICA_STATE', `${attempt}: found it in state ${replica.state}`)
  const temporary: ReplicaName = { place: 'tmp', blockId, generationStamp }
  const complete: ReplicaName = { place: 'finalized', blockId, generationStamp }
  target.volume.reservedBytes += length
  try {
    await copyFiles(replica, target, temporary, options)
    if (!unchanged()) throw new ReplicaError('ERR_DN_REPLICA_STATE', `${attempt}: it changed meanwhile`)
    target.move(temporary, complete)
  } catch (error) {
    await target.remove(temporary).catch(() => {})
    throw error
  } finally {
    target.volume.reservedBytes -= length
  }
  store.relocate(replica, target)
  await target.syncPlace(complete)
  await source.remove(complete)
}

async function copyFiles(
  replica: Replica,
  target: PoolSlice,
  name: ReplicaName,
  options: MoveOptions,
): Promise<void> {
  const from = replica.slice.open(replica, 'disk')
  try {
    const to = target.create(name)
    try {
      await copyVerified(replica, from, to, target, options)
      await to.sync()
    } finally {
      to.close()
    }
  } finally {
    from.close()
  }
}

async function copyVerified(
  replica: Replica,
  from: ReplicaFile,
  to: ReplicaFile,
  target: PoolSlice,
  options: MoveOptions,
): Promise<void> {
  const block = formatReplica(replica)
  const format = readBlockChecksum(from, block)
  const corrupt = (found: string): ReplicaError =>
    new ReplicaError(
      'ERR_DN_REPLICA_CORRUPT',
      `copy ${block} in ${replica.slice.volume.path}: found ${found}`,
    )
  if (from.length('data') !== replica.length)
    throw corrupt(`${from.length('data')} bytes, not ${replica.length}`)
  if (from.length('meta') < metaLength(replica.length, format)) throw corrupt('a meta file that is too short')
  const write = (part: 'data' | 'meta', bytes: Uint8Array, position: number): void => {
    to.write(part, [bytes], position)
    target.addUsedBytes(bytes.length)
  }
  const header = new Uint8Array(checksumPosition(0, format))
  from.readSync('meta', header, 0)
  write('meta', header, 0)
  const step = Math.max(1, Math.floor(pieceBytes / format.bytesPerChecksum)) * format.bytesPerChecksum
  for (let at = 0; at < replica.length; at += step) {
    options.signal?.throwIfAborted()
    const data = new Uint8Array(Math.min(step, replica.length - at))
    const sums = new Uint8Array(Math.ceil(data.length / format.bytesPerChecksum) * checksumBytes(format.type))
    await options.throttle?.take(data.length)
    const read = await from.read('data', [data], at)
    const sumsAt = checksumPosition(at, format)
    const sumsRead = sums.length === 0 ? 0 : await from.read('meta', [sums], sumsAt)
    if (read < data.length || sumsRead < sums.length) throw corrupt('files that end too soon')
    const bad = kernel.verify(format.type, data, format.bytesPerChecksum, sums)
    if (bad !== -1)
      throw corrupt(`a chunk at ${at + bad * format.bytesPerChecksum} that does not fit its checksum`)
    write('data', data, at)
    if (sums.length > 0) write('meta', sums, sumsAt)
  }
}
