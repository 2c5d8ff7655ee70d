import { formatReplica } from '../replica.ts'
import { ReplicaError } from '../replica-error.ts'
import type {
  PoolIdentity,
  PoolSlice,
  ReplicaFile,
  ReplicaName,
  ReplicaPart,
  Volume,
  VolumeSpace,
} from '../volume.ts'
import { SegmentedBytes } from './segmented-bytes.ts'

/** `StorageTypeProto.DISK`: placement policies look for it, and for a test cluster it makes no difference. */
const storageTypeDisk = 1

/** A volume that forgets everything at the end of the process: embedded clusters for tests, and tests of the store. */
export class MemoryVolume implements Volume {
  readonly storageId: string
  readonly storageType = storageTypeDisk
  readonly path = 'memory'
  reservedBytes = 0
  readonly #capacity: number
  readonly #slices: MemoryPoolSlice[] = []

  constructor(options: { storageId: string; capacity: number }) {
    this.storageId = options.storageId
    this.#capacity = options.capacity
  }

  space(): VolumeSpace {
    const dfsUsed = this.#slices.reduce((sum, slice) => sum + slice.usedBytes, 0)
    const remaining = Math.max(0, this.#capacity - dfsUsed - this.reservedBytes)
    return { capacity: this.#capacity, dfsUsed, remaining, nonDfsUsed: 0, reserved: 0 }
  }

  async check(): Promise<void> {
    // Memory does not fail by itself.
  }

  async openPool(pool: PoolIdentity): Promise<PoolSlice> {
    const present = this.#slices.find((slice) => slice.blockPoolId === pool.blockPoolId)
    if (present) return present
    const slice = new MemoryPoolSlice(this, pool.blockPoolId)
    this.#slices.push(slice)
    return slice
  }

  closePool(blockPoolId: string): void {
    const at = this.#slices.findIndex((slice) => slice.blockPoolId === blockPoolId)
    if (at >= 0) this.#slices.splice(at, 1)
  }

  async close(): Promise<void> {
    this.#slices.length = 0
  }
}

interface MemoryFiles {
  readonly data: SegmentedBytes
  readonly meta: SegmentedBytes
}

class MemoryPoolSlice implements PoolSlice {
  readonly volume: Volume
  readonly blockPoolId: string
  readonly paths = undefined
  cached: PoolSlice['cached']
  readonly #files = new Map<string, MemoryFiles>()
  #usedBytes = 0

  constructor(volume: Volume, blockPoolId: string) {
    this.volume = volume
    this.blockPoolId = blockPoolId
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  addUsedBytes(bytes: number): void {
    this.#usedBytes += bytes
  }

  async load(): Promise<void> {
    // Memory holds nothing at a start.
  }

  async saveReplicas(): Promise<void> {
    // Memory ends with the process.
  }

  create(name: ReplicaName): ReplicaFile {
    if (this.#files.has(keyOf(name))) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_EXISTS',
        `create ${formatReplica(name)} in memory: found it there already`,
      )
    }
    const files = { data: new SegmentedBytes(), meta: new SegmentedBytes() }
    this.#files.set(keyOf(name), files)
    return new MemoryReplicaFile(files)
  }

  open(name: ReplicaName): ReplicaFile {
    return new MemoryReplicaFile(this.#find(name))
  }

  move(from: ReplicaName, to: ReplicaName): void {
    const files = this.#find(from)
    this.#files.delete(keyOf(from))
    this.#files.set(keyOf(to), files)
  }

  async remove(name: ReplicaName): Promise<void> {
    const files = this.#files.get(keyOf(name))
    if (!files) return
    this.#files.delete(keyOf(name))
    this.#usedBytes -= files.data.length + files.meta.length
  }

  keepForRestart(): void {
    // There is nothing to come back to.
  }

  discard(name: ReplicaName): Promise<void> {
    return this.remove(name)
  }

  async setRollingUpgrade(): Promise<void> {
    // There is no going back to memory.
  }

  async finalizeUpgrade(): Promise<void> {
    // Nothing is kept.
  }

  async syncPlace(): Promise<void> {
    // Memory is as durable as it will ever be.
  }

  #find(name: ReplicaName): MemoryFiles {
    const files = this.#files.get(keyOf(name))
    if (!files)
      throw new ReplicaError('ERR_DN_REPLICA_MISSING', `open ${formatReplica(name)} in memory: found nothing`)
    return files
  }
}

function keyOf(name: ReplicaName): string {
  return `${name.place}/${name.blockId}/${name.generationStamp}`
}

class MemoryReplicaFile implements ReplicaFile {
  readonly #files: MemoryFiles

  constructor(files: MemoryFiles) {
    this.#files = files
  }

  length(part: ReplicaPart): number {
    return this.#files[part].length
  }

  readSync(part: ReplicaPart, target: Uint8Array, position: number): number {
    return this.#files[part].read(target, position)
  }

  async read(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): Promise<number> {
    return this.readPiecesSync(part, pieces, position)
  }

  readPiecesSync(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): number {
    let done = 0
    for (const piece of pieces) done += this.#files[part].read(piece, position + done)
    return done
  }

  write(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): void {
    for (const piece of pieces) {
      this.#files[part].write(piece, position)
      position += piece.length
    }
  }

  truncate(part: ReplicaPart, length: number): void {
    this.#files[part].truncate(length)
  }

  async sync(): Promise<void> {
    // Nothing outlives the process.
  }

  close(): void {
    // Nothing is held open.
  }
}
