import type { ReplicaFile, ReplicaPart } from '../volume.ts'
import type { DiskLatencies, DiskOperation } from './disk-latencies.ts'

/** A replica's files whose I/O is timed: one of the few that are sampled. */
export class TimedReplicaFile implements ReplicaFile {
  readonly #file: ReplicaFile
  readonly #latencies: DiskLatencies
  readonly #volume: string

  constructor(file: ReplicaFile, latencies: DiskLatencies, volume: string) {
    this.#file = file
    this.#latencies = latencies
    this.#volume = volume
  }

  length(part: ReplicaPart): number {
    return this.#timed('metadata', () => this.#file.length(part))
  }

  readSync(part: ReplicaPart, target: Uint8Array, position: number): number {
    return this.#timed('read', () => this.#file.readSync(part, target, position))
  }

  async read(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): Promise<number> {
    const begunMs = performance.now()
    const count = await this.#file.read(part, pieces, position)
    this.#latencies.add('read', this.#volume, performance.now() - begunMs)
    return count
  }

  readPiecesSync(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): number {
    return this.#timed('read', () => this.#file.readPiecesSync(part, pieces, position))
  }

  write(part: ReplicaPart, pieces: readonly Uint8Array[], position: number): void {
    this.#timed('write', () => this.#file.write(part, pieces, position))
  }

  truncate(part: ReplicaPart, length: number): void {
    this.#timed('metadata', () => this.#file.truncate(part, length))
  }

  async sync(): Promise<void> {
    const begunMs = performance.now()
    await this.#file.sync()
    this.#latencies.add('write', this.#volume, performance.now() - begunMs)
  }

  close(): void {
    this.#file.close()
  }

  #timed<T>(operation: DiskOperation, work: () => T): T {
    const begunMs = performance.now()
    const result = work()
    this.#latencies.add(operation, this.#volume, performance.now() - begunMs)
    return result
  }
}
