// Writes a unit that was decoded to the DataNode that gets it; as Java's `StripedBlockWriter`: a WRITE_BLOCK between
// DataNodes, which is answered by nothing but the end of the connection [ec.write.1].
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import {
  AccessModeProto,
  type DatanodeInfoProto,
  type ExtendedBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  type TokenProto,
} from '@cairn/hadoop-proto'
import {
  type ChecksumFormat,
  checksumsBytes,
  encodeChecksumFormat,
  encodeOperation,
  encodePacketHead,
  formatRefusal,
  refusalOf,
  takeBlockOpResponse,
} from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import { connectDatanode } from '../transfer/connect-datanode.ts'
import type { TransferContext } from '../transfer/transfer-context.ts'

/** Where a unit goes. */
export interface UnitTarget {
  readonly unit: number
  readonly node: DatanodeInfoProto
  readonly storageType: number | undefined
  readonly storageId: string | undefined
}

const answerBytesMax = 64 * 1024

export class UnitWriter {
  readonly target: UnitTarget
  /** Bytes of the whole unit. */
  readonly length: number
  /** Rejects when the target hangs up, refuses or falls silent. */
  readonly broken: Promise<never>
  readonly #connection: Connection
  readonly #format: ChecksumFormat
  /** One is filled while the other is on its way. */
  readonly #buffers: [Uint8Array, Uint8Array]
  readonly #input = new ReceiveBuffer({ maxBytes: answerBytesMax })
  readonly #timer: NodeJS.Timeout
  #touched = true
  #finishing = false
  #position = 0
  #seqno = 0
  #turn = 0
  #reject: (error: Error) => void = () => {}

  private constructor(connection: Connection, setup: UnitWriterSetup, timeoutMs: number) {
    this.target = setup.target
    this.length = Number(setup.block.numBytes)
    this.#connection = connection
    this.#format = setup.checksum
    this.#buffers = [new Uint8Array(setup.bufferBytes), new Uint8Array(setup.bufferBytes)]
    this.broken = new Promise((_, reject) => {
      this.#reject = reject
    })
    this.broken.catch(() => {})
    this.#timer = setInterval(() => this.#check(timeoutMs), timeoutMs)
    connection.start({
      input: this.#input,
      onReceive: () => this.#receive(),
      onClose: (error) => this.#closed(error),
    })
  }

  /** Connects to the target and asks it to take the block. */
  static async open(context: TransferContext, setup: UnitWriterSetup): Promise<UnitWriter> {
    const { target, block } = setup
    const timeoutMs = context.idleMs
    const token = context.security.makeToken(block, {
      modes: [AccessModeProto.WRITE],
      storageTypes: target.storageType === undefined ? [] : [target.storageType],
      storageIds: target.storageId === undefined ? [] : [target.storageId],
    })
    const node = target.node.id
    const connection = await connectDatanode(context, { node, block, token, timeoutMs, highWaterBytes: 1 })
    const writer = new UnitWriter(connection, setup, timeoutMs)
    connection.write(encodeOperation('WRITE_BLOCK', writeRequest(context, setup, token)))
    return writer
  }

  /** Memory for the next bytes; resolves when what it held before has left. */
  async buffer(count: number): Promise<Uint8Array> {
    while (this.#connection.bufferedBytes > 0) {
      await Promise.race([this.#connection.drained(), this.broken])
    }
    this.#touched = true
    this.#turn = 1 - this.#turn
    return this.#buffers[this.#turn]!.subarray(0, count)
  }

  /** Sends the first `count` bytes of the memory that `buffer()` gave. */
  send(count: number): void {
    if (count === 0) return
    const data = this.#buffers[this.#turn]!.subarray(0, count)
    const { type, bytesPerChecksum } = this.#format
    const sums = new Uint8Array(checksumsBytes(this.#format, count))
    kernel.compute(type, data, bytesPerChecksum, sums)
    this.#connection.write(encodePacketHead(this.#header(count), sums))
    this.#connection.write(data)
    this.#position += count
    this.#connection.flush()
  }

  /** Sends the empty last packet; resolves when the target has closed the connection, which it does when it is through. */
  async finish(): Promise<void> {
    this.#finishing = true
    this.#connection.write(encodePacketHead(this.#header(0), new Uint8Array(0)))
    this.#connection.end()
    await Promise.race([this.#connection.done, this.broken])
    clearInterval(this.#timer)
  }

  destroy(): void {
    clearInterval(this.#timer)
    this.#connection.destroy()
  }

  #header(dataLen: number) {
    return {
      offsetInBlock: this.#position,
      seqno: this.#seqno++,
      lastPacketInBlock: dataLen === 0,
      dataLen,
      syncBlock: false,
    }
  }

  /** Between DataNodes only a refusal is answered. */
  #receive(): void {
    const response = takeBlockOpResponse(this.#input)
    const refusal = response && refusalOf(response)
    if (refusal) this.#connection.destroy(new Error(`write a unit: ${formatRefusal(refusal)}`))
  }

  #check(timeoutMs: number): void {
    if (!this.#touched && this.#connection.bufferedBytes > 0) {
      this.#connection.destroy(new Error(`write a unit: nothing moved for ${timeoutMs} ms`))
    } else if (this.#finishing && !this.#touched) {
      this.#connection.destroy(new Error(`write a unit: the target did not finish in ${timeoutMs} ms`))
    }
    this.#touched = false
  }

  #closed(error: Error | undefined): void {
    clearInterval(this.#timer)
    if (error) this.#reject(error)
    else if (!this.#finishing) this.#reject(new Error('write a unit: the target closed the connection'))
  }
}

export interface UnitWriterSetup {
  readonly target: UnitTarget
  readonly block: ExtendedBlockProto
  readonly checksum: ChecksumFormat
  readonly bufferBytes: number
}

function writeRequest(context: TransferContext, setup: UnitWriterSetup, token: TokenProto) {
  const { target, block, checksum } = setup
  return {
    header: { baseHeader: { block, token }, clientName: '' },
    targets: [],
    source: { id: context.identity(block.poolId) },
    stage: Stage.PIPELINE_SETUP_CREATE,
    pipelineSize: 0,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: 0n,
    requestedChecksum: encodeChecksumFormat(checksum),
    cachingStrategy: {},
    storageType: target.storageType,
    targetStorageTypes: [],
    allowLazyPersist: false,
    pinning: false,
    targetPinnings: [],
    storageId: target.storageId,
    targetStorageIds: [],
  }
}
