import {
  close,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  read,
  readSync,
  writeSync,
  writevSync,
} from 'node:fs'
import type { ReplicaFile, ReplicaPart } from '../volume.ts'

/** The block file and its meta file, open. */
export class DiskReplicaFile implements ReplicaFile {
  readonly #data: number
  readonly #meta: number
  #busy = 0
  #closing = false

  /** @param flags `r`, `r+` or `wx+` */
  constructor(dataPath: string, metaPath: string, flags: 'r' | 'r+' | 'wx+') {
    this.#data = openSync(dataPath, flags)
    try {
      this.#meta = openSync(metaPath, flags)
    } catch (error) {
      close(this.#data, () => {})
      throw error
    }
  }

  length(part: ReplicaPart): number {
    return fstatSync(this.#descriptor(part)).size
  }

  readSync(part: ReplicaPart, target: Uint8Array, position: number): number {
    const fd = this.#descriptor(part)
    let done = 0
    while (done < target.length) {
      const count = readSync(fd, target, done, target.length - done, position + done)
      if (count === 0) break
      done += count
    }
    return done
  }

  read(part: ReplicaPart, target: Uint8Array, position: number): Promise<number> {
    const fd = this.#descriptor(part)
    this.#busy++
    return new Promise((resolve, reject) => {
      let done = 0
      const next = (): void => {
        read(fd, target, done, target.length - done, position + done, (error, count) => {
          if (!error && count > 0) {
            done += count
            if (done < target.length) return next()
          }
          this.#release()
          if (error) reject(error)
          else resolve(done)
        })
      }
      next()
    })
  }

  write(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): void {
    const fd = this.#descriptor(part)
    if (pieces.length === 1) {
      writeAll(fd, pieces[0]!, position)
      return
    }
    let total = 0
    for (const piece of pieces) total += piece.length
    let written = writevSync(fd, pieces, position)
    if (written === total) return
    // A disk that fills up takes a part: the rest goes piece by piece until it is in or the error is known.
    for (const piece of pieces) {
      if (written >= piece.length) {
        written -= piece.length
      } else {
        writeAll(fd, piece.subarray(written), position + written)
        written = 0
      }
      position += piece.length
    }
  }

  truncate(part: ReplicaPart, length: number): void {
    ftruncateSync(this.#descriptor(part), length)
  }

  async sync(): Promise<void> {
    this.#busy++
    try {
      await Promise.all([syncDescriptor(this.#data), syncDescriptor(this.#meta)])
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

  #release(): void {
    this.#busy--
    if (this.#closing && this.#busy === 0) this.#closeDescriptors()
  }

  #closeDescriptors(): void {
    close(this.#data, () => {})
    close(this.#meta, () => {})
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
