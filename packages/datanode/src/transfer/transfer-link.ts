// One connection of a client or DataNode: operations one after the other, each owning the connection until it is done.
//
//     idle ──operation──▶ running ──finish()──▶ idle ──keep-alive passes──▶ closed
//       └───────────────────┴── garbage, error, silence: fail() ──▶ closed, with the reason in the log
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  blockWriteBufferBytesMax,
  type DataTransferVersion,
  dataTransfer28,
  dataTransferVersionAt,
  type Operation,
} from '@cairn/hdfs-protocol'
import type { Connection } from '@cairn/transport'
import { operationReadBytes, packetReadBytes } from '../limits.ts'
import type { TransferContext } from './transfer-context.ts'

/** An operation in progress. */
export interface RunningOperation {
  /** Called once, first; may end the operation at once. */
  start(): void
  /** New bytes are in the link's input. */
  receive(): void
  /**
   * Ends a client's write here, if it is one, and answers whether it was; the replica stays as it is. With
   * `restartUntilMs` the client is told to wait for this node, which keeps the replica until then.
   */
  leavePipeline?(restartUntilMs: number | undefined): boolean
  /** The peer sends no more; true = all that the operation needs is here. */
  ended(): boolean
  /** The connection is gone; nothing can be sent any more. */
  closed(error: Error): void
}

/** Makes an operation; it calls `finish`, `end` or `fail` of the link when it is over. */
export type OperationMaker = (link: TransferLink, operation: Operation) => RunningOperation

export class TransferLink {
  readonly connection: Connection
  readonly context: TransferContext
  readonly input = new ReceiveBuffer({ initialBytes: operationReadBytes, maxBytes: blockWriteBufferBytesMax })
  /** What the peer speaks: the version of the newest operation. */
  version: DataTransferVersion = dataTransfer28
  readonly #make: OperationMaker
  #operation: RunningOperation | undefined
  #name = ''
  #lastActivityMs = performance.now()
  #waitMs: number
  #served = false
  #peerIsDone = false
  #ending = false
  #readAheadBytes = 0
  #held = false

  constructor(connection: Connection, context: TransferContext, make: OperationMaker) {
    this.connection = connection
    this.context = context
    this.#make = make
    this.#waitMs = context.idleMs
    connection.readBytes = operationReadBytes
    connection.start({
      input: this.input,
      onReceive: () => {
        this.#receive()
        this.#makeRoom()
      },
      onEnd: () => this.#peerEnded(),
      onClose: (error) => this.#closed(error),
    })
  }

  get peer(): string {
    return `${this.connection.remoteAddress}:${this.connection.remotePort}`
  }

  get busy(): boolean {
    return this.#operation !== undefined
  }

  /** Ends a client's write; see `RunningOperation.leavePipeline`. */
  leavePipeline(restartUntilMs: number | undefined): boolean {
    return this.#operation?.leavePipeline?.(restartUntilMs) ?? false
  }

  /** The operation moved: the idle clock starts again. */
  touch(): void {
    this.#lastActivityMs = performance.now()
  }

  /** How long the running operation may stay silent; 0 while it waits for something of our own. */
  allowSilence(ms: number): void {
    this.#waitMs = ms
    this.touch()
  }

  /** Packets come from now on. */
  expectPackets(): void {
    this.connection.readBytes = packetReadBytes
  }

  /** Has reads take up to so many bytes at once from the next one on: many packets, written together. */
  readAhead(bytes: number): void {
    this.#readAheadBytes = bytes
  }

  /** Reads nothing until `released`: views of the input stay as they are. */
  hold(released: Promise<void>): void {
    this.#held = true
    this.connection.pause()
    void released.then(() => {
      this.#held = false
      this.touch()
      this.connection.resume()
    })
  }

  /** Only after a read: at any other time the connection may already hold the memory of the next one. */
  #makeRoom(): void {
    if (this.#readAheadBytes === 0 || this.#held) return
    if (!this.connection.closed) this.input.writable(this.#readAheadBytes)
    this.#readAheadBytes = 0
  }

  /**
   * The operation is over and the connection good for another one, for as long as Java keeps it ([xfer.op.5]); where the
   * peer's version has one operation a connection it ends ([xfer17.op.7]).
   */
  finish(): void {
    if (this.#peerIsDone || !this.version.keepsConnections) {
      this.end()
      return
    }
    this.#operation = undefined
    this.#served = true
    this.connection.readBytes = operationReadBytes
    this.connection.readAtMost = 0
    this.allowSilence(this.context.keepAliveMs)
    if (this.input.length > 0) queueMicrotask(() => this.#receiveSafely())
  }

  /** The operation is over and so is the connection; what was written still leaves. */
  end(): void {
    this.#operation = undefined
    this.#ending = true
    this.connection.end()
    this.allowSilence(this.context.keepAliveMs)
  }

  /** Drops the connection. */
  fail(error: Error): void {
    this.connection.destroy(error)
  }

  /** Called by the server's sweep. */
  checkIdle(nowMs: number): void {
    // While nothing is read from the peer, its silence is ours; the next node has a deadline of its own.
    if (this.#held || this.#waitMs === 0 || nowMs - this.#lastActivityMs < this.#waitMs) return
    if (this.#operation === undefined && this.input.length > 0) {
      const found = `found ${this.input.length} bytes of it, then nothing for ${this.#waitMs} ms`
      this.fail(new ProtocolError('ERR_DN_STALLED', `receive an operation: ${found}`))
    } else if (this.#operation === undefined && this.#served) this.connection.destroy()
    else
      this.fail(new Error(`serve ${this.#name || 'a new connection'}: nothing moved for ${this.#waitMs} ms`))
  }

  #receive(): void {
    this.touch()
    while (this.input.length > 0 && !this.connection.closed) {
      if (this.#ending) {
        // It belongs to the operation that is over; a peer that is not read would not hear its answer.
        this.input.consume(this.input.length)
        return
      }
      if (this.#operation) {
        this.#operation.receive()
        return
      }
      const version = dataTransferVersionAt(this.input)
      if (!version) return
      this.version = version
      const operation = version.takeOperation(this.input)
      if (!operation) return
      this.#name = operation.name
      this.#waitMs = this.context.idleMs
      this.#operation = this.#make(this, operation)
      this.#operation.start()
    }
  }

  #receiveSafely(): void {
    try {
      this.#receive()
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #peerEnded(): void {
    this.#peerIsDone = true
    if (!this.#operation) this.connection.end()
    else if (!this.#operation.ended())
      this.fail(new Error(`serve ${this.#name}: the peer closed the connection`))
  }

  #closed(error: Error | undefined): void {
    const operation = this.#operation
    this.#operation = undefined
    if (error) this.#log(error)
    operation?.closed(error ?? new Error(`serve ${this.#name}: the connection closed`))
  }

  #log(error: Error): void {
    const garbage = error instanceof ProtocolError
    const fields = { peer: this.peer, operation: this.#name || undefined, error: error.message }
    if (garbage)
      this.context.logger.warn(fields, 'closed a connection that does not follow the data transfer protocol')
    else this.context.logger.debug(fields, 'closed a data transfer connection')
  }
}
