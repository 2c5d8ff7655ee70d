// Blocks that the NameNode wants to be read from memory (cache directives, `hdfs cacheadmin`), Java's `FsDatasetCache`.
// Java maps the block file and locks it in memory; Node cannot lock, so the bytes are copied into memory of this
// process. They are compared with their checksums once, when they are loaded.
import type { Logger } from '../logger.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { type CachedBytes, loadCachedBytes } from './cached-bytes.ts'

export interface BlockCacheOptions {
  /** `dfs.datanode.max.locked.memory`: bytes of blocks, each rounded up to whole pages. 0 keeps nothing. */
  readonly capacityBytes: number
  readonly logger: Logger
  /** A replica that does not fit its checksums. */
  suspect(blockPoolId: string, replica: Replica): void
}

interface Entry {
  readonly replica: Replica
  readonly generationStamp: bigint
  readonly bytes: number
  /** Undefined while it is loaded. */
  cached: CachedBytes | undefined
}

/** Java counts the pages that it locks. */
const pageBytes = 4096

export class BlockCache {
  readonly capacityBytes: number
  /** What has been done since the start. */
  readonly counts = { cached: 0, uncached: 0, failed: 0 }
  readonly #options: BlockCacheOptions
  readonly #pools = new Map<string, Map<bigint, Entry>>()
  #usedBytes = 0
  /** Blocks are loaded one after the other: the disk has other work. */
  #loading: Promise<void> = Promise.resolve()

  constructor(options: BlockCacheOptions) {
    this.#options = options
    this.capacityBytes = options.capacityBytes
  }

  /** Taken by blocks in memory or on their way there. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** DNA_CACHE: takes blocks into memory; resolves when this is done or given up. */
  cache(store: ReplicaStore, blockIds: readonly bigint[]): Promise<void> {
    for (const blockId of blockIds) this.#reserve(store, blockId)
    return this.#loading
  }

  /** DNA_UNCACHE. */
  uncache(store: ReplicaStore, blockIds: readonly bigint[]): void {
    for (const blockId of blockIds) this.#drop(store.pool.blockPoolId, blockId)
  }

  /** Blocks of a pool that are in memory, for a cache report; those that changed or went are dropped first. */
  blocks(blockPoolId: string): bigint[] {
    const entries = this.#pools.get(blockPoolId)
    if (!entries) return []
    const blockIds: bigint[] = []
    for (const [blockId, entry] of entries) {
      const { replica, generationStamp, cached } = entry
      if (replica.state !== 'FINALIZED' || replica.generationStamp !== generationStamp || !isHere(entry))
        this.#drop(blockPoolId, blockId)
      else if (cached) blockIds.push(blockId)
    }
    return blockIds
  }

  /** Gives all memory back. */
  async close(): Promise<void> {
    for (const [blockPoolId, entries] of this.#pools)
      for (const blockId of entries.keys()) this.#drop(blockPoolId, blockId)
    await this.#loading
  }

  #reserve(store: ReplicaStore, blockId: bigint): void {
    const { blockPoolId } = store.pool
    const entries = this.#pools.get(blockPoolId) ?? new Map<bigint, Entry>()
    this.#pools.set(blockPoolId, entries)
    if (entries.has(blockId)) return
    const replica = store.find(blockId)
    const bytes = replica ? Math.ceil(replica.length / pageBytes) * pageBytes : 0
    const refusal = this.#refusal(replica, bytes)
    if (refusal !== undefined || !replica) {
      this.counts.failed++
      this.#options.logger.info({ blockId, blockPoolId }, `did not take a block into memory: ${refusal}`)
      return
    }
    const { generationStamp } = replica
    const entry: Entry = { replica, generationStamp, bytes, cached: undefined }
    entries.set(blockId, entry)
    this.#usedBytes += bytes
    this.#loading = this.#loading.then(() => this.#load(store, entry))
  }

  #refusal(replica: Replica | undefined, bytes: number): string | undefined {
    if (!replica) return 'there is no such replica'
    if (replica.state !== 'FINALIZED') return `it is ${replica.state}`
    if (!replica.slice.paths) return 'it is in memory anyway'
    if (this.#usedBytes + bytes > this.capacityBytes)
      return `${bytes} bytes and ${this.#usedBytes} that are used are more than ${this.capacityBytes}`
    return undefined
  }

  async #load(store: ReplicaStore, entry: Entry): Promise<void> {
    const { replica } = entry
    const { blockPoolId } = store.pool
    const wanted = (): boolean => this.#pools.get(blockPoolId)?.get(replica.blockId) === entry
    if (!wanted()) return
    try {
      const cached = await loadCachedBytes(replica)
      if (!wanted()) return
      entry.cached = cached
      replica.slice.cached ??= new Map()
      replica.slice.cached.set(replica.blockId, cached)
      this.counts.cached++
    } catch (error) {
      this.#options.logger.warn(
        { block: formatReplica(replica), error: (error as Error).message },
        'could not take a block into memory',
      )
      if (!wanted()) return
      this.counts.failed++
      this.#drop(blockPoolId, replica.blockId)
      if (error instanceof ReplicaError) this.#options.suspect(blockPoolId, replica)
    }
  }

  #drop(blockPoolId: string, blockId: bigint): void {
    const entries = this.#pools.get(blockPoolId)
    const entry = entries?.get(blockId)
    if (!entries || !entry) return
    entries.delete(blockId)
    this.#usedBytes -= entry.bytes
    const { slice } = entry.replica
    if (!entry.cached) return
    this.counts.uncached++
    if (slice.cached?.get(blockId) === entry.cached) slice.cached.delete(blockId)
  }
}

/** Its volume moved or its slice lost it: the bytes here are not what reads would get. */
function isHere({ replica, cached }: Entry): boolean {
  return cached === undefined || replica.slice.cached?.get(replica.blockId) === cached
}
