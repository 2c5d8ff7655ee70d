import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  promises,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from '../../logger.ts'
import { formatReplica } from '../replica.ts'
import { ReplicaError } from '../replica-error.ts'
import type { BufferReplicaList } from '../replica-list.ts'
import type { FoundReplicas, PoolSlice, ReplicaFile, ReplicaName, Volume } from '../volume.ts'
import { BlockPaths } from './block-paths.ts'
import type { DiskLatencies } from './disk-latencies.ts'
import { type DiskErrorListener, DiskReplicaFile } from './disk-replica-file.ts'
import { loadReplicas } from './load-replicas.ts'
import { clearTrash, dropPrevious, isTrashAllowed, markRollingUpgrade, moveToTrash } from './pool-trash.ts'
import { writeReplicasFile } from './replicas-file.ts'
import { writeRestartMarker } from './restart-marker.ts'
import { TimedReplicaFile } from './timed-replica-file.ts'

/**
 * `current/BP-…` of one storage directory.
 *
 * A move is two renames. Their order tells `loadReplicas` what was meant when a kill comes between: the meta file
 * always goes first, so a data file without a meta file beside it belongs to a move that had begun.
 */
export class DiskPoolSlice implements PoolSlice {
  readonly volume: Volume
  readonly blockPoolId: string
  readonly paths: BlockPaths
  cached: PoolSlice['cached']
  readonly #logger: Logger
  readonly #failed: DiskErrorListener
  /** Undefined where file I/O is not timed. */
  readonly #latencies: DiskLatencies | undefined
  /** An upgrade that is not final yet: `previous` has links to the same files. */
  readonly #keepsPrevious: boolean
  /** Leaf folders that are known to exist. */
  readonly #madeDirectories = new Set<string>()
  #usedBytes = 0
  #deletions = 0

  /** @param failed is told of what the system refuses: the disk may have failed. */
  constructor(
    volume: Volume,
    blockPoolId: string,
    logger: Logger,
    failed: DiskErrorListener,
    latencies?: DiskLatencies,
  ) {
    this.#failed = failed
    this.#latencies = latencies
    this.volume = volume
    this.blockPoolId = blockPoolId
    this.#logger = logger
    this.paths = new BlockPaths(volume.path, blockPoolId)
    this.#keepsPrevious = existsSync(join(this.paths.poolDirectory, 'previous'))
    for (const place of ['finalized', 'rbw', 'tmp'] as const) {
      mkdirSync(this.paths.placeDirectory(place), { recursive: true })
    }
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  addUsedBytes(bytes: number): void {
    this.#usedBytes += bytes
  }

  load(found: FoundReplicas): Promise<void> {
    return loadReplicas(this, this.paths, this.#logger, found)
  }

  saveReplicas(list: BufferReplicaList): Promise<void> {
    return writeReplicasFile(this.paths.replicasFile, list)
  }

  #openFiles(name: ReplicaName, flags: 'r' | 'r+' | 'wx+'): ReplicaFile {
    const latencies = this.#latencies
    const timed = latencies?.sample() === true
    const begunMs = timed ? performance.now() : 0
    const file = new DiskReplicaFile(this.paths.data(name), this.paths.meta(name), flags, this.#failed)
    if (!latencies || !timed) return file
    latencies.add('metadata', this.volume.path, performance.now() - begunMs)
    return new TimedReplicaFile(file, latencies, this.volume.path)
  }

  create(name: ReplicaName): ReplicaFile {
    try {
      return this.#openFiles(name, 'wx+')
    } catch (error) {
      this.#failed(error)
      throw replicaErrorOf(error, `create ${formatReplica(name)} in ${this.volume.path}`)
    }
  }

  open(name: ReplicaName, access: 'read' | 'disk' | 'write'): ReplicaFile {
    if (access === 'read' && this.cached && name.place === 'finalized') {
      const files = this.cached.get(name.blockId)
      if (files?.generationStamp === name.generationStamp) return files.open()
    }
    try {
      if (access === 'write' && this.#keepsPrevious) this.#breakLinks(name)
      return this.#openFiles(name, access === 'write' ? 'r+' : 'r')
    } catch (error) {
      this.#failed(error)
      const attempt = `open ${formatReplica(name)} in ${this.volume.path}`
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw replicaErrorOf(error, attempt)
      // Replicas that this node knows of have both files, unless somebody or a failing disk took one away.
      const found = `${attempt}: found no file ${(error as NodeJS.ErrnoException).path}`
      throw new ReplicaError('ERR_DN_REPLICA_CORRUPT', found, { cause: error })
    }
  }

  /** Files that `previous` keeps for a rollback as well are copied before they are changed. */
  #breakLinks(name: ReplicaName): void {
    for (const path of [this.paths.data(name), this.paths.meta(name)]) {
      if ((statSync(path, { throwIfNoEntry: false })?.nlink ?? 1) === 1) continue
      const copy = join(this.paths.placeDirectory('tmp'), `unlinked_${this.#deletions++}`)
      copyFileSync(path, copy, constants.COPYFILE_FICLONE)
      renameSync(copy, path)
    }
  }

  move(from: ReplicaName, to: ReplicaName): void {
    try {
      this.#move(from, to)
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  #move(from: ReplicaName, to: ReplicaName): void {
    this.cached?.delete(from.blockId)
    this.#makeDirectory(to)
    // The new generation stamp is put on last: until the data has followed, the old name can be restored.
    const first = { ...to, generationStamp: to.place === 'rbw' ? from.generationStamp : to.generationStamp }
    if (this.paths.meta(from) !== this.paths.meta(first)) {
      renameSync(this.paths.meta(from), this.paths.meta(first))
    }
    if (this.paths.data(from) !== this.paths.data(to)) renameSync(this.paths.data(from), this.paths.data(to))
    if (this.paths.meta(first) !== this.paths.meta(to)) {
      renameSync(this.paths.meta(first), this.paths.meta(to))
    }
  }

  remove(name: ReplicaName): Promise<void> {
    this.cached?.delete(name.blockId)
    // Out of the way at once, so that the block may come back; what a kill leaves in `tmp` goes at the next start.
    // Data first: a meta file alone is litter, a data file alone would be taken for a replica without checksums.
    const doomed: string[] = []
    for (const path of [this.paths.data(name), this.paths.meta(name)]) {
      const target = join(this.paths.placeDirectory('tmp'), `deleted_${this.#deletions++}`)
      try {
        renameSync(path, target)
        doomed.push(target)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
        this.#failed(error)
        return Promise.reject(error)
      }
    }
    return this.#unlink(doomed)
  }

  discard(name: ReplicaName): Promise<void> {
    this.cached?.delete(name.blockId)
    if (!isTrashAllowed(this.paths.poolDirectory)) return this.remove(name)
    try {
      const bytes = fileBytes(this.paths.data(name)) + fileBytes(this.paths.meta(name))
      moveToTrash(this.paths, name)
      this.#usedBytes -= bytes
      return Promise.resolve()
    } catch (error) {
      this.#failed(error)
      return Promise.reject(error)
    }
  }

  async setRollingUpgrade(inProgress: boolean): Promise<void> {
    markRollingUpgrade(this.paths.poolDirectory, inProgress)
    if (!inProgress) await clearTrash(this.paths.poolDirectory)
  }

  finalizeUpgrade(): Promise<void> {
    return dropPrevious(this.paths.poolDirectory)
  }

  async #unlink(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const { size } = await promises.stat(path)
      await promises.unlink(path)
      this.#usedBytes -= size
    }
  }

  keepForRestart(name: ReplicaName, untilMs: number): void {
    writeRestartMarker(this.paths, name.blockId, untilMs)
  }

  async syncPlace(name: ReplicaName): Promise<void> {
    const directory = dirname(this.paths.data(name))
    try {
      const handle = await promises.open(directory, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  /** Looks whether the folders of this pool are there and whether a file can be written; rejects when not. */
  async check(): Promise<void> {
    const finalized = this.paths.placeDirectory('finalized')
    const found = await promises.stat(finalized)
    if (!found.isDirectory()) throw new Error(`check ${finalized}: found a file, not a directory`)
    // Only work is lost where these are, and goes on when they are there again.
    for (const place of ['rbw', 'tmp'] as const)
      await promises.mkdir(this.paths.placeDirectory(place), { recursive: true })
    const path = join(this.paths.placeDirectory('tmp'), `check_${process.pid}`)
    try {
      await promises.writeFile(path, 'works', { flush: true })
    } catch (error) {
      // A full disk is no failed disk.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    } finally {
      await promises.rm(path, { force: true })
    }
  }

  #makeDirectory(name: ReplicaName): void {
    if (name.place !== 'finalized') return
    const directory = this.paths.directory(name.place, name.blockId)
    if (this.#madeDirectories.has(directory)) return
    mkdirSync(directory, { recursive: true })
    // A folder entry that power loss takes away would take a synced block with it.
    syncDirectory(dirname(directory))
    this.#madeDirectories.add(directory)
  }
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function replicaErrorOf(error: unknown, attempt: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT')
    return new ReplicaError('ERR_DN_REPLICA_MISSING', `${attempt}: found no such file`, { cause: error })
  if (code === 'EEXIST')
    return new ReplicaError('ERR_DN_REPLICA_EXISTS', `${attempt}: found the file there already`, {
      cause: error,
    })
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new ReplicaError('ERR_DN_DISK_FULL', `${attempt}: found the disk full`, { cause: error })
  return error
}
