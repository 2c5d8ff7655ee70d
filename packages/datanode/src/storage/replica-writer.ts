// Appends packets to the two files of one replica.
//
//     on disk   |----chunk----|----chunk----|--part--|
//     packet                          |======packet=======|       may begin before the end (a client sends the
//                                                                  whole last chunk again) or inside a chunk
//
// Invariant between calls of `flush`: `replica.length` bytes of data are written and every checksum of them is.
// Data goes before its checksums, so after a kill the meta file never vouches for bytes that are not there.
import { kernel } from '@cairn/checksum'
import {
  type BlockChecksum,
  checksumBytes,
  checksumPosition,
  metaHeaderBytes,
  metaLength,
  readBlockChecksum,
  writeBlockChecksum,
} from './block-meta.ts'
import { formatReplica, type Replica } from './replica.ts'
import { ReplicaError } from './replica-error.ts'
import type { ReplicaFile } from './volume.ts'

/** Data with its checksums, already verified by the caller. Views: used up by the next `flush`. */
export interface WritablePacket {
  /** Where `data` begins in the block. */
  readonly offsetInBlock: number
  readonly data: Uint8Array
  /** One checksum a chunk, in the writer's own checksum type. */
  readonly checksums: Uint8Array
}

export class ReplicaWriter {
  readonly replica: Replica
  readonly checksum: BlockChecksum
  readonly #file: ReplicaFile
  readonly #sumBytes: number
  /** End of what `add` took: at most this much is pending. */
  #end: number
  /** CRC of the partial chunk before `#end`; meaningless on a chunk border. */
  #lastSum = new Uint8Array(4)
  #data: Uint8Array[] = []
  #sums: Uint8Array[] = []
  /** Where `#sums` begin: a partial chunk's checksum is written over. */
  #sumsPosition = 0
  #synced = false

  private constructor(replica: Replica, file: ReplicaFile, checksum: BlockChecksum) {
    this.replica = replica
    this.checksum = checksum
    this.#file = file
    this.#sumBytes = checksumBytes(checksum.type)
    this.#end = replica.length
    this.#sumsPosition = checksumPosition(replica.length, checksum)
  }

  /** Begins an empty replica: writes the meta header. */
  static create(replica: Replica, file: ReplicaFile, checksum: BlockChecksum): ReplicaWriter {
    writeBlockChecksum(file, checksum)
    replica.slice.addUsedBytes(metaHeaderBytes)
    return new ReplicaWriter(replica, file, checksum)
  }

  /** Goes on with a replica; what follows its length is cut off and the last partial chunk is verified. */
  static resume(replica: Replica, file: ReplicaFile): ReplicaWriter {
    const checksum = readBlockChecksum(file, formatReplica(replica))
    const end = metaLength(replica.length, checksum)
    if (file.length('data') > replica.length) file.truncate('data', replica.length)
    if (file.length('meta') > end) file.truncate('meta', end)
    const writer = new ReplicaWriter(replica, file, checksum)
    writer.#readLastChunk()
    return writer
  }

  /** End of the data that was taken, pending or written. */
  get end(): number {
    return this.#end
  }

  /** Takes a packet; nothing is written before `flush`. Bytes that are on disk already are skipped. */
  add(packet: WritablePacket): void {
    const skip = this.#end - packet.offsetInBlock
    if (skip < 0) throw this.#gap(packet.offsetInBlock)
    if (skip >= packet.data.length) return
    const { bytesPerChecksum } = this.checksum
    const fresh = skip === 0 ? packet.data : packet.data.subarray(skip)
    const partial = this.#end % bytesPerChecksum
    if (this.#sumBytes > 0) {
      if (partial === 0) {
        this.#takeSums(packet.checksums, (skip / bytesPerChecksum) * this.#sumBytes)
      } else if ((this.#end - partial - packet.offsetInBlock) % bytesPerChecksum === 0 && skip >= partial) {
        // The packet holds the whole partial chunk again: its checksum replaces ours.
        this.#takeSums(packet.checksums, ((skip - partial) / bytesPerChecksum) * this.#sumBytes)
      } else {
        this.#extendSums(fresh, partial)
      }
    }
    this.#data.push(fresh)
    this.#end += fresh.length
  }

  /** Takes data without checksums in our type: they are computed here, over the partial chunk too. */
  addComputed(offsetInBlock: number, data: Uint8Array): void {
    const skip = this.#end - offsetInBlock
    if (skip < 0) throw this.#gap(offsetInBlock)
    if (skip >= data.length) return
    const fresh = data.subarray(skip)
    if (this.#sumBytes > 0) this.#extendSums(fresh, this.#end % this.checksum.bytesPerChecksum)
    this.#data.push(fresh)
    this.#end += fresh.length
  }

  /** Writes what was added, data first, then moves `replica.length`. */
  flush(): void {
    const { replica } = this
    const growth = this.#end - replica.length
    if (growth === 0) return
    const data = this.#data
    const sums = this.#sums
    this.#data = []
    this.#sums = []
    try {
      this.#file.write('data', data, replica.length)
      if (this.#sumBytes > 0) this.#file.write('meta', sums, this.#sumsPosition)
    } catch (error) {
      this.#end = replica.length
      this.#giveBack()
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
      throw new ReplicaError(
        'ERR_DN_DISK_FULL',
        `write ${formatReplica(replica)} at ${replica.length}: found no space left in ${replica.slice.volume.path}`,
        { cause: error },
      )
    }
    const metaGrowth = metaLength(this.#end, this.checksum) - metaLength(replica.length, this.checksum)
    replica.slice.addUsedBytes(growth + metaGrowth)
    const released = Math.min(replica.reservedBytes, growth)
    replica.reservedBytes -= released
    replica.slice.volume.reservedBytes -= released
    replica.length = this.#end
    this.#sumsPosition = checksumPosition(this.#end, this.checksum)
    replica.lastChunk =
      this.#end % this.checksum.bytesPerChecksum === 0
        ? undefined
        : { length: this.#end, checksum: this.#lastSum.slice() }
  }

  /** Whether anybody asked for durability. */
  get synced(): boolean {
    return this.#synced
  }

  /** Makes what was flushed durable. */
  async sync(): Promise<void> {
    this.#synced = true
    await this.#file.sync()
    await this.replica.slice.syncPlace(this.replica)
  }

  close(): void {
    this.#file.close()
  }

  /** A failed write may have taken space that nothing accounts for. */
  #giveBack(): void {
    try {
      this.#file.truncate('data', this.replica.length)
    } catch {
      // The disk failed for good: what caused this is already on its way to the caller.
    }
  }

  #gap(offsetInBlock: number): ReplicaError {
    return new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `write ${formatReplica(this.replica)} at ${offsetInBlock}: found only ${this.#end} bytes before it`,
    )
  }

  /** Appends `sums` from byte `from` on, and remembers the last one. */
  #takeSums(sums: Uint8Array, from: number): void {
    // A partial chunk's old checksum may be pending in this very batch: the new one takes its place.
    if (this.#end % this.checksum.bytesPerChecksum !== 0) this.#dropPendingSum()
    this.#sums.push(from === 0 ? sums : sums.subarray(from))
    this.#lastSum.set(sums.subarray(sums.length - this.#sumBytes))
  }

  /** Computes the checksums of `fresh`, which continues a chunk that has `partial` bytes. */
  #extendSums(fresh: Uint8Array, partial: number): void {
    const { type, bytesPerChecksum } = this.checksum
    if (type === 'NULL') return
    const first = partial === 0 ? 0 : Math.min(fresh.length, bytesPerChecksum - partial)
    const rest = fresh.subarray(first)
    const sums = new Uint8Array(((first > 0 ? 1 : 0) + Math.ceil(rest.length / bytesPerChecksum)) * 4)
    if (first > 0) {
      const before = viewOf(this.#lastSum).getUint32(0)
      viewOf(sums).setUint32(0, kernel.crc(type, fresh.subarray(0, first), before) >>> 0)
    }
    if (rest.length > 0) kernel.compute(type, rest, bytesPerChecksum, sums, first > 0 ? 4 : 0)
    this.#takeSums(sums, 0)
  }

  #dropPendingSum(): void {
    const last = this.#sums.at(-1)
    if (!last) return
    if (last.length === this.#sumBytes) this.#sums.pop()
    else this.#sums[this.#sums.length - 1] = last.subarray(0, last.length - this.#sumBytes)
  }

  #readLastChunk(): void {
    const { replica } = this
    const { type, bytesPerChecksum } = this.checksum
    const partial = replica.length % bytesPerChecksum
    if (partial === 0 || type === 'NULL') return
    const chunk = new Uint8Array(partial)
    const read = this.#file.readSync('data', chunk, replica.length - partial)
    this.#file.readSync('meta', this.#lastSum, this.#sumsPosition)
    if (read < partial || kernel.verify(type, chunk, bytesPerChecksum, this.#lastSum) !== -1) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_CORRUPT',
        `append to ${formatReplica(replica)}: found a last chunk of ${partial} bytes that does not fit its checksum`,
      )
    }
    replica.lastChunk = { length: replica.length, checksum: this.#lastSum.slice() }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
