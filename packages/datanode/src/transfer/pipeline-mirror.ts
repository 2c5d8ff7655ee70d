// The next DataNode of a write pipeline: the operation is passed on to it, then every packet as it came; its
// acknowledgements come back.
import { ReceiveBuffer } from '@cairn/bytes'
import type { DatanodeIDProto, DatanodeInfoProto, OpWriteBlockProto } from '@cairn/hadoop-proto'
import {
  type DataTransferVersion,
  formatRefusal,
  type PipelineAck,
  type Refusal,
  refusalOf,
  unknownSeqno,
} from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import { idlePerMirrorMs } from '../limits.ts'
import type { PeerLatencies } from '../namenode/peer-latencies.ts'
import { emptyToken } from '../security/empty-token.ts'
import { connectDatanode } from './connect-datanode.ts'
import type { TransferContext } from './transfer-context.ts'

/** The node below refused or could not be reached; `firstBadLink` says which one it was. */
export class MirrorError extends Error {
  override readonly name = 'MirrorError'
  readonly code = 'ERR_DN_MIRROR'
  readonly firstBadLink: string

  constructor(message: string, firstBadLink: string, options?: { cause?: unknown }) {
    super(message, options)
    this.firstBadLink = firstBadLink
  }
}

/** Below this a copy is cheaper than waiting until the system has taken the bytes. */
const copyBytesMax = 128 * 1024

/** How often within its time the silence of a mirror is looked at. */
const watchesPerTimeout = 50

export interface MirrorHandlers {
  acknowledged(ack: PipelineAck): void
  broken(error: Error): void
}

/** `ip:port`, the form in which pipelines name bad nodes. */
export function xferAddress(node: { readonly ipAddr: string; readonly xferPort: number }): string {
  return `${node.ipAddr}:${node.xferPort}`
}

export class PipelineMirror {
  readonly address: string
  readonly #connection: Connection
  readonly #version: DataTransferVersion
  readonly #input = new ReceiveBuffer({ maxBytes: 2 * 1024 * 1024 })
  #handlers: MirrorHandlers | undefined
  #answered: ((error?: Error) => void) | undefined
  #error: Error | undefined
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  /** Whether packets are acknowledged; copies between DataNodes are not. */
  #acknowledged = false
  /** Told how long packets take to the last node of the pipeline, under this name. */
  #latencies: PeerLatencies | undefined
  #peer = ''
  /** Packets that the node below has not acknowledged. */
  #unacked = 0
  #lastAckMs = 0
  readonly #watch: NodeJS.Timeout

  private constructor(
    connection: Connection,
    version: DataTransferVersion,
    address: string,
    timeoutMs: number,
  ) {
    this.#version = version
    this.#connection = connection
    this.address = address
    this.#watch = setInterval(() => this.#checkSilence(timeoutMs), timeoutMs / watchesPerTimeout).unref()
  }

  /**
   * Connects to the first target and passes the operation on. With `answer`, waits until every node below has
   * agreed; copies between DataNodes get no answer. Rejects with `MirrorError`.
   */
  static async open(
    context: TransferContext,
    request: OpWriteBlockProto,
    options: { answer: boolean; version: DataTransferVersion },
  ): Promise<PipelineMirror> {
    const target = request.targets[0]!
    const address = xferAddress(target.id)
    const timeoutMs = context.idleMs + idlePerMirrorMs(context.idleMs) * request.targets.length
    const { block, token = emptyToken() } = request.header.baseHeader
    let connection: Connection
    try {
      // Whatever is unsent counts: "drained" then means that the system has taken every byte.
      const options = { node: target.id, block, token, timeoutMs, highWaterBytes: 1 }
      connection = await connectDatanode(context, options)
    } catch (cause) {
      throw new MirrorError(`pass a block on: ${(cause as Error).message}`, address, { cause })
    }
    const mirror = new PipelineMirror(connection, options.version, address, timeoutMs)
    if (context.peerLatencies && options.answer && request.targets.length === 1)
      mirror.#measure(context.peerLatencies, target.id)
    connection.start({
      input: mirror.#input,
      onReceive: () => mirror.#receive(),
      onClose: (error) => mirror.#closed(error),
    })
    connection.write(options.version.encodeOperation('WRITE_BLOCK', downstreamRequest(request)))
    mirror.#acknowledged = options.answer
    if (options.answer) await mirror.#answer(timeoutMs)
    return mirror
  }

  start(handlers: MirrorHandlers): void {
    this.#handlers = handlers
    if (this.#error) handlers.broken(this.#error)
    else this.#receive()
  }

  /** Takes a packet of the receive buffer; it leaves with `flush`. */
  write(frame: Uint8Array): void {
    if (this.#unacked++ === 0) this.#lastAckMs = performance.now()
    this.#pending.push(frame)
    this.#pendingBytes += frame.length
  }

  /** Puts what ends a block behind its last packet; it is no packet and gets no acknowledgement. */
  writeMark(mark: Uint8Array): void {
    this.#pending.push(mark)
    this.#pendingBytes += mark.length
  }

  /**
   * Sends what was written. Undefined when the system took it all, so that the receive buffer may be used again;
   * otherwise a promise for that moment.
   */
  flush(): Promise<void> | undefined {
    const pieces = this.#pending
    const bytes = this.#pendingBytes
    if (bytes === 0) return undefined
    this.#pending = []
    this.#pendingBytes = 0
    const connection = this.#connection
    const begunMs = this.#latencies === undefined ? 0 : performance.now()
    const small = bytes < copyBytesMax
    if (small) connection.write(Buffer.concat(pieces, bytes))
    else for (const piece of pieces) connection.write(piece)
    connection.flush()
    if (connection.bufferedBytes === 0 || connection.closed) {
      this.#latencies?.add(this.#peer, performance.now() - begunMs)
      return undefined
    }
    if (this.#latencies) return this.#measured(begunMs)
    // A copy may wait where it is; only when many wait the sender is slowed down.
    if (small && connection.bufferedBytes < copyBytesMax) return undefined
    return connection.drained().catch(() => {})
  }

  /** Named by its web address, as in Java's reports. */
  #measure(latencies: PeerLatencies, peer: DatanodeIDProto): void {
    this.#latencies = latencies
    const port =
      peer.infoSecurePort === undefined || peer.infoSecurePort === 0 ? peer.infoPort : peer.infoSecurePort
    this.#peer = `${peer.ipAddr}:${port}`
  }

  async #measured(begunMs: number): Promise<void> {
    await this.#connection.drained().catch(() => {})
    this.#latencies?.add(this.#peer, performance.now() - begunMs)
  }

  /** A node that hangs keeps its connections: without this the writer would take the first node for the culprit. */
  #checkSilence(timeoutMs: number): void {
    if (!this.#acknowledged || this.#unacked === 0) return
    if (performance.now() - this.#lastAckMs < timeoutMs) return
    const found = `found no acknowledgement for ${Math.round(timeoutMs)} ms`
    this.#closed(new Error(`pass a block on to ${this.address}: ${found}`))
    this.#connection.destroy()
  }

  end(): void {
    clearInterval(this.#watch)
    this.#handlers = undefined
    this.#connection.end()
  }

  destroy(): void {
    clearInterval(this.#watch)
    this.#handlers = undefined
    this.#connection.destroy()
  }

  #answer(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#connection.destroy()
        settle(
          new MirrorError(`set up a pipeline to ${this.address}: no answer in ${timeoutMs} ms`, this.address),
        )
      }, timeoutMs)
      const settle = (error?: Error): void => {
        clearTimeout(timer)
        this.#answered = undefined
        if (error) reject(error)
        else resolve()
      }
      this.#answered = settle
      if (this.#error) this.#closed(this.#error)
    })
  }

  #receive(): void {
    if (this.#answered) {
      const response = this.#version.takeResponse('WRITE_BLOCK', this.#input)
      if (!response) return
      const refusal = refusalOf(response)
      this.#answered(refusal && this.#refused(refusal))
      return
    }
    while (this.#handlers) {
      const ack = this.#version.takeAck(this.#input)
      if (!ack) return
      if (ack.seqno !== unknownSeqno) this.#unacked--
      this.#lastAckMs = performance.now()
      this.#handlers.acknowledged(ack)
    }
  }

  #refused(refusal: Refusal): MirrorError {
    this.#connection.destroy()
    const firstBadLink = refusal.firstBadLink === '' ? this.address : refusal.firstBadLink
    return new MirrorError(`set up a pipeline to ${this.address}: ${formatRefusal(refusal)}`, firstBadLink)
  }

  #closed(error: Error | undefined): void {
    clearInterval(this.#watch)
    const reason = error ?? new Error(`pass a block on to ${this.address}: the node closed the connection`)
    this.#error = reason
    this.#answered?.(new MirrorError(reason.message, this.address, { cause: reason }))
    this.#handlers?.broken(reason)
  }
}

/** The operation as the next node gets it: its own storage type and id, and the nodes after it. */
function downstreamRequest(request: OpWriteBlockProto): OpWriteBlockProto {
  const [, ...targets]: DatanodeInfoProto[] = request.targets
  return {
    ...request,
    targets,
    storageType: request.targetStorageTypes[0],
    targetStorageTypes: request.targetStorageTypes.slice(1),
    pinning: request.targetPinnings[0],
    targetPinnings: request.targetPinnings.slice(1),
    storageId: request.targetStorageIds[0],
    targetStorageIds: request.targetStorageIds.slice(1),
  }
}
