// Sends a range of a replica as packets, as Java's `BlockSender`: to a client that reads, to a DataNode that gets a
// copy, to the balancer.
//
// One batch is read with two system calls straight into the shape it has on the wire, and leaves with one:
//
//     | preamble | checksums | data ... | preamble | checksums | data ... | ...
//                  '-- readv of the meta file --'   '-- readv of the block file --'
//
// Checksums are passed on as they are stored: the reader's verification spans disk and network.
import { kernel } from '@cairn/checksum'
import { BlockReadServerSession, checksumsBytes, type DataTransferVersion } from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import type { Activity } from '../activity.ts'
import { packetDataBytes, readBytes, readSyncBytesMax } from '../limits.ts'
import { type BlockChecksum, checksumPosition, readBlockChecksum } from '../storage/block-meta.ts'
import { formatReplica, type LastChunk, type Replica } from '../storage/replica.ts'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaFile } from '../storage/volume.ts'
import { BufferPool } from './buffer-pool.ts'
import type { Throttle } from './throttle.ts'

export interface SendRange {
  readonly offset: number
  readonly length: number
  readonly sendChecksums: boolean
  /** What the receiver speaks. Default version 28. */
  readonly version?: DataTransferVersion | undefined
}

const pool = new BufferPool(2 * readBytes)

export class BlockSender {
  readonly session: BlockReadServerSession
  readonly #replica: Replica
  readonly #file: ReplicaFile
  readonly #stored: BlockChecksum
  /** The receiver does not know the stored type: what is stored is verified here, and checksums of another type leave. */
  readonly #translates: boolean
  readonly #preambleBytes: number
  /** The partial last chunk as it was when reading began: it may grow meanwhile. */
  readonly #lastChunk: LastChunk | undefined

  /** Opens the replica. Throws `ReplicaError` for a range outside of it or files that do not fit together. */
  constructor(replica: Replica, range: SendRange) {
    this.#replica = replica
    const written = replica.length
    const visible = replica.visibleLength
    if (visible < 0) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `read ${formatReplica(replica)}: found it in state ${replica.state}`,
      )
    }
    const { offset, length } = range
    if (offset < 0 || length < 0 || offset + length > written) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_STATE',
        `read ${length} bytes at ${offset} of ${formatReplica(replica)}: found ${written} bytes`,
      )
    }
    this.#lastChunk = replica.lastChunk
    this.#file = replica.slice.open(replica, 'read')
    try {
      this.#stored = readBlockChecksum(this.#file, formatReplica(replica))
      const { sendChecksums, version } = range
      this.session = new BlockReadServerSession(
        { offset, length, replicaBytes: written, format: this.#stored, sendChecksums },
        version,
      )
      this.#preambleBytes = this.session.preambleBytes
      this.#translates = sendChecksums && this.session.format.type !== this.#stored.type
    } catch (error) {
      this.#file.close()
      throw error
    }
  }

  /** Sends all packets, the empty last one included. `progress` is told of every batch that left. */
  async send(
    connection: Connection,
    options: { progress?: () => void; throttle?: Throttle; activity?: Activity } = {},
  ): Promise<void> {
    const { session } = this
    while (session.position < session.end) {
      const bytes = Math.min(this.#batchBytes(), session.end - session.position)
      if (options.throttle) await options.throttle.take(bytes)
      if (bytes <= readSyncBytesMax) {
        connection.write(this.#readSync(bytes))
      } else {
        await this.#sendPooled(connection, bytes)
      }
      options.progress?.()
    }
    connection.write(session.lastPacket())
    options.activity?.sent(session.position - session.start)
  }

  close(): void {
    this.#file.close()
  }

  /** Data bytes in a packet: whole chunks. */
  #packetBytes(): number {
    const { bytesPerChecksum } = this.session.format
    return Math.max(1, Math.floor(packetDataBytes / bytesPerChecksum)) * bytesPerChecksum
  }

  #batchBytes(): number {
    const packet = this.#packetBytes()
    return Math.max(1, Math.floor(readBytes / packet)) * packet
  }

  async #sendPooled(connection: Connection, bytes: number): Promise<void> {
    const buffer = pool.take(this.#frameBytes(bytes))
    const batch = this.#layOut(buffer, bytes)
    const read = await this.#file.read('data', batch.data, batch.start)
    const sums = batch.sums.length > 0 ? await this.#file.read('meta', batch.sums, batch.sumsPosition) : 0
    this.#check(batch, read, sums)
    connection.write(buffer.subarray(0, batch.frameBytes))
    connection.flush()
    while (connection.bufferedBytes > 0) await connection.drained()
    pool.give(buffer)
  }

  #readSync(bytes: number): Uint8Array {
    const buffer = new Uint8Array(this.#frameBytes(bytes))
    const batch = this.#layOut(buffer, bytes)
    const read = this.#file.readPiecesSync('data', batch.data, batch.start)
    const sums = batch.sums.length > 0 ? this.#file.readPiecesSync('meta', batch.sums, batch.sumsPosition) : 0
    this.#check(batch, read, sums)
    return buffer
  }

  #frameBytes(bytes: number): number {
    const packets = Math.ceil(bytes / this.#packetBytes())
    return packets * this.#preambleBytes + checksumsBytes(this.session.format, bytes) + bytes
  }

  /** Writes the preambles of the next `bytes` bytes and says where checksums and data go. */
  #layOut(buffer: Uint8Array, bytes: number): Batch {
    const { session } = this
    const start = session.position
    const data: Uint8Array[] = []
    const sums: Uint8Array[] = []
    let at = 0
    for (let done = 0; done < bytes; ) {
      const dataLen = Math.min(this.#packetBytes(), bytes - done)
      const sumsAt = at + this.#preambleBytes
      const dataAt = sumsAt + checksumsBytes(session.format, dataLen)
      session.writePreamble(buffer, sumsAt, dataLen)
      if (dataAt > sumsAt) sums.push(buffer.subarray(sumsAt, dataAt))
      data.push(buffer.subarray(dataAt, dataAt + dataLen))
      at = dataAt + dataLen
      done += dataLen
    }
    const sumsPosition = checksumPosition(start, this.#stored)
    return { start, bytes, data, sums, sumsPosition, frameBytes: at }
  }

  #check(batch: Batch, read: number, sums: number): void {
    const wanted = batch.sums.reduce((sum, piece) => sum + piece.length, 0)
    if (read < batch.bytes || sums < wanted) {
      throw new ReplicaError(
        'ERR_DN_REPLICA_CORRUPT',
        `read ${batch.bytes} bytes at ${batch.start} of ${formatReplica(this.#replica)}: ` +
          `found ${read} bytes of data and ${sums} of ${wanted} bytes of checksums`,
      )
    }
    const last = this.#lastChunk
    if (last && wanted > 0 && batch.start + batch.bytes === last.length) {
      const lastSums = batch.sums.at(-1)!
      lastSums.set(last.checksum, lastSums.length - last.checksum.length)
    }
    if (this.#translates) this.#translate(batch)
  }

  /** [xfer17.checksum.2] */
  #translate({ start, data, sums }: Batch): void {
    const { type, bytesPerChecksum } = this.#stored
    for (const [index, piece] of data.entries()) {
      const bad = kernel.verify(type, piece, bytesPerChecksum, sums[index]!)
      if (bad >= 0) {
        throw new ReplicaError(
          'ERR_DN_REPLICA_CORRUPT',
          `read ${formatReplica(this.#replica)}: found a chunk that does not fit its checksum behind ${start}`,
        )
      }
      kernel.compute(this.session.format.type, piece, bytesPerChecksum, sums[index]!)
    }
  }
}

interface Batch {
  /** First byte of data, in the block. */
  readonly start: number
  readonly bytes: number
  readonly data: readonly Uint8Array[]
  readonly sums: readonly Uint8Array[]
  readonly sumsPosition: number
  readonly frameBytes: number
}
