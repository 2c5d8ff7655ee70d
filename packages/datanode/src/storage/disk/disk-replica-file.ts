import {
  close,
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  readv,
  readvSync,
  rmSync,
  writeSync,
  writevSync,
} from 'node:fs'
import type { ReplicaFile, ReplicaPart } from '../volume.ts'

/** Told of every error that the system gives: the disk may have failed. */
export type DiskErrorListener = (error: unknown) => void

/** The block file and its meta file, open. */
export class DiskReplicaFile implements ReplicaFile {
  readonly #data: number
  readonly #meta: number
  readonly #failed: DiskErrorListener
  #busy = 0
  #closing = false

  /** @param flags `r`, `r+` or `wx+` */
  constructor(
    dataPath: string,
    metaPath: string,
    flags: 'r' | 'r+' | 'wx+',
    failed: DiskErrorListener = () => {},
  ) {
    this.#failed = failed
    this.#data = openSync(dataPath, flags)
    try {
      this.#meta = openSync(metaPath, flags)
    } catch (error) {
      close(this.#data, () => {})
      if (flags === 'wx+') rmSync(dataPath, { force: true })
      throw error
    }
  }

  length(part: ReplicaPart): number {
    const fd = this.#descriptor(part)
    try {
      return fstatSync(fd).size
    } catch (error) {
      throw this.#told(error)
    }
  }

  readSync(part: ReplicaPart, target: Uint8Array, position: number): number {
    const fd = this.#descriptor(part)
    let done = 0
    try {
      while (done < target.length) {
        const count = readSync(fd, target, done, target.length - done, position + done)
        if (count === 0) break
        done += count
      }
    } catch (error) {
      throw this.#told(error)
    }
    return done
  }

  read(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): Promise<number> {
    const fd = this.#descriptor(part)
    this.#busy++
    return new Promise((resolve, reject) => {
      let done = 0
      let rest = pieces
      const next = (): void => {
        readv(fd, rest, position + done, (error, count) => {
          if (!error && count > 0) {
            done += count
            rest = remaining(rest, count)
            if (rest.length > 0) return next()
          }
          this.#release()
          if (error) reject(this.#told(error))
          else resolve(done)
        })
      }
      next()
    })
  }

  readPiecesSync(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): number {
    const fd = this.#descriptor(part)
    let done = 0
    let rest = pieces
    try {
      while (rest.length > 0) {
        const count = readvSync(fd, rest, position + done)
        if (count === 0) break
        done += count
        rest = remaining(rest, count)
      }
    } catch (error) {
      throw this.#told(error)
    }
    return done
  }

  write(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): void {
    const fd = this.#descriptor(part)
    try {
      if (pieces.length === 1) writeAll(fd, pieces[0]!, position)
      else writePieces(fd, pieces, position)
    } catch (error) {
      throw this.#told(error)
    }
  }

  truncate(part: ReplicaPart, length: number): void {
    const fd = this.#descriptor(part)
    try {
      ftruncateSync(fd, length)
    } catch (error) {
      throw this.#told(error)
    }
  }

  async sync(): Promise<void> {
    this.#busy++
    try {
      await Promise.all([syncDescriptor(this.#data), syncDescriptor(this.#meta)])
    } catch (error) {
      throw this.#told(error)
    } finally {
      this.#release()
    }
  }

  close(): void {
    if (this.#closing) return
    this.#closing = true
    if (this.#busy === 0) this.#closeDescriptors()
  }

  #descriptor(part: ReplicaPart): number {
    if (this.#closing) throw new Error(`use the ${part} file of a replica: it is closed`)
    return part === 'data' ? this.#data : this.#meta
  }

  #told(error: unknown): unknown {
    this.#failed(error)
    return error
  }

  #release(): void {
    this.#busy--
    if (this.#closing && this.#busy === 0) this.#closeDescriptors()
  }

  /**
   * At once: that takes a few microseconds, waking another thread for it far more. But the last close of a file that was
   * deleted meanwhile gives its space back, which may take long.
   */
  #closeDescriptors(): void {
    for (const fd of [this.#data, this.#meta]) {
      if (isDeleted(fd)) close(fd, () => {})
      else this.#closeNow(fd)
    }
  }

  #closeNow(fd: number): void {
    try {
      closeSync(fd)
    } catch (error) {
      this.#failed(error)
    }
  }
}

/** An open file that cannot be asked may be as large as any. */
function isDeleted(fd: number): boolean {
  try {
    return fstatSync(fd).nlink === 0
  } catch {
    return true
  }
}

/** What is left of the pieces after `count` bytes. */
function remaining(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0
  while (index < pieces.length && count >= pieces[index]!.length) count -= pieces[index++]!.length
  if (index === pieces.length) return []
  return [pieces[index]!.subarray(count), ...pieces.slice(index + 1)]
}

function writePieces(fd: number, pieces: readonly Uint8Array[], position: number): void {
  let total = 0
  for (const piece of pieces) total += piece.length
  let written = writevSync(fd, pieces, position)
  if (written === total) return
  // A disk that fills up takes a part: the rest goes piece by piece until it is in or the error is known.
  for (const piece of remaining(pieces, written)) {
    writeAll(fd, piece, position + written)
    written += piece.length
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, position + done)
}

function syncDescriptor(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
