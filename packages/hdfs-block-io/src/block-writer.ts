import { type DatanodeInfoProto, Status } from '@cairn/hadoop-proto'
import {
  type BlockWriteClientSession,
  type BlockWriteEvent,
  formatRefusal,
  formatStatus,
  type OutgoingPackets,
} from '@cairn/hdfs-protocol'
import { type BlockIoErrorKind, BlockWriteError, refusalKind } from './block-io-error.ts'
import { type DatanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
import type { DatanodeConnection } from './datanode-connection.ts'
import { windowFreeShare } from './limits.ts'

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

/** How a writer of one pipeline is driven; `openBlockWriter` makes it. */
export interface BlockWriterSetup {
  readonly connection: DatanodeConnection
  readonly session: BlockWriteClientSession
  readonly packets: OutgoingPackets
  readonly pipeline: readonly DatanodeInfoProto[]
  readonly attempted: string
  readonly timeoutMs: number
  readonly heartbeatMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Writes one block through one pipeline. When the pipeline breaks, everything rejects with the same
 * `BlockWriteError`; what is not acknowledged stays in `packets` for the next pipeline.
 *
 * Calls follow each other: await what `write()` gives before the next call.
 */
export class BlockWriter implements AsyncDisposable {
  /** The block's bytes that are not acknowledged yet, and how far it has got. Outlives the writer. */
  readonly packets: OutgoingPackets
  /** Nearest node first. */
  readonly pipeline: readonly DatanodeInfoProto[]
  readonly #setup: BlockWriterSetup
  readonly #session: BlockWriteClientSession
  readonly #onAbort = (): void => this.#fail(this.#setup.signal?.reason)
  #state: 'setup' | 'streaming' | 'finished' | 'closed' = 'setup'
  #failure: { readonly reason: unknown } | undefined
  #started: Waiter | undefined
  #room: Waiter | undefined
  readonly #flushes: (Waiter & { readonly seqno: number })[] = []
  /** Of the last sign of life, or of the last time that there was nothing to wait for. */
  #progressMs = performance.now()
  #sentMs = performance.now()

  constructor(setup: BlockWriterSetup) {
    this.#setup = setup
    this.#session = setup.session
    this.packets = setup.packets
    this.pipeline = setup.pipeline
  }

  get #datanode(): DatanodeAddress {
    return this.#setup.connection.address
  }

  /** Where the bytes that all nodes have end in the block. */
  get bytesAcked(): number {
    return this.packets.bytesAcked
  }

  /** The error that broke the pipeline, or undefined. */
  get failure(): unknown {
    return this.#failure?.reason
  }

  /** Sends the operation; resolves when the pipeline stands. Called once, by `openBlockWriter`. */
  start(): Promise<void> {
    const { connection, signal } = this.#setup
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    connection.use({
      received: () => this.#received(),
      closed: (error) => this.#connectionClosed(error),
      sweep: (nowMs) => this.#sweep(nowMs),
    })
    this.#pump()
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject }
    })
  }

  /**
   * Writes bytes; they are copied, so the memory is free when this returns, or when the promise it gives resolves.
   * There is a promise only when the window was full. The caller keeps within the block's size.
   */
  write(bytes: Uint8Array): void | Promise<void> {
    this.#checkUsable()
    const taken = this.packets.write(bytes)
    this.#pump()
    if (taken < bytes.length) return this.#writeRest(bytes, taken)
  }

  async #writeRest(bytes: Uint8Array, from: number): Promise<void> {
    for (let at = from; at < bytes.length; ) {
      await new Promise<void>((resolve, reject) => {
        this.#room = { resolve, reject }
      })
      // Between the wake-up and now the pipeline may have broken.
      this.#checkUsable()
      at += this.packets.write(bytes, at)
      this.#pump()
    }
  }

  /** Resolves when all that was written has arrived at all nodes (hflush), with `sync` on their disks (hsync). */
  flush(options: { readonly sync?: boolean } = {}): Promise<void> {
    this.#checkUsable()
    const seqno = this.packets.flush({ sync: options.sync ?? false })
    this.#pump()
    return seqno === undefined ? Promise.resolve() : this.#acked(seqno)
  }

  /** Sends the empty last packet; resolves when all nodes have finished the block. */
  async finish(): Promise<void> {
    if (this.#state === 'finished') return
    this.#checkUsable()
    const seqno = this.packets.finish()
    this.#pump()
    await this.#acked(seqno)
  }

  /** `finish()`, unless the pipeline is broken already: then nothing more happens. */
  async close(): Promise<void> {
    if (this.#failure === undefined && this.#state !== 'closed') await this.finish()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Drops the connection; what waits rejects. The block stays unfinished. Idempotent. */
  abort(): void {
    this.#fail(this.#error('closed', 'the writer was aborted'))
  }

  #acked(seqno: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#flushes.push({ seqno, resolve, reject })
    })
  }

  #checkUsable(): void {
    if (this.#failure !== undefined) throw this.#failure.reason
    if (this.#state === 'finished') throw this.#error('closed', 'the block is finished')
    if (this.#room !== undefined) {
      throw new Error(`${this.#setup.attempted}: found the write before still waiting; await it first`)
    }
  }

  #pump(): void {
    if (this.packets.inFlightCount === 0) this.#progressMs = performance.now()
    const frames = this.#session.takeOutput()
    for (const frame of frames) this.#setup.connection.connection.write(frame)
    if (frames.length > 0) this.#sentMs = performance.now()
  }

  #received(): void {
    this.#progressMs = performance.now()
    try {
      for (let event = this.#session.next(); event !== undefined; event = this.#session.next()) {
        this.#apply(event)
      }
    } catch (error) {
      this.#fail(this.#asWriteError(error))
    }
    this.#wakeRoom()
  }

  #apply(event: BlockWriteEvent): void {
    switch (event.kind) {
      case 'ready':
        this.#state = 'streaming'
        this.#started?.resolve()
        this.#started = undefined
        this.#pump()
        return
      case 'acked':
        this.#settleFlushes(event.seqno)
        return
      case 'finished':
        this.#finished()
        return
      case 'refused': {
        const { status, firstBadLink } = event.refusal
        const failedNodeIndex = firstBadLink === '' ? 0 : this.#nodeIndexOf(firstBadLink)
        const kind =
          firstBadLink === '' || status === Status.ERROR_ACCESS_TOKEN ? refusalKind(event.refusal) : 'node'
        throw this.#error(kind, `found ${formatRefusal(event.refusal)}`, { status, failedNodeIndex })
      }
      case 'failed': {
        const { nodeIndex, status, restarting } = event
        const node = this.pipeline[nodeIndex]
        const name = node === undefined ? 'unknown' : `${node.id.ipAddr}:${node.id.xferPort}`
        throw this.#error('node', `found ${formatStatus(status)} from node ${nodeIndex} (${name})`, {
          status,
          failedNodeIndex: nodeIndex,
          restarting,
        })
      }
    }
  }

  #nodeIndexOf(link: string): number {
    const at = this.pipeline.findIndex(({ id }) => `${id.ipAddr}:${id.xferPort}` === link)
    return Math.max(0, at)
  }

  #settleFlushes(seqno: number): void {
    while (this.#flushes[0] !== undefined && this.#flushes[0].seqno <= seqno) this.#flushes.shift()?.resolve()
  }

  #finished(): void {
    this.#state = 'finished'
    this.#setup.signal?.removeEventListener('abort', this.#onAbort)
    this.#setup.connection.finish()
    this.#started?.resolve()
    this.#started = undefined
    this.#settleFlushes(Number.POSITIVE_INFINITY)
  }

  /** Wakes a writer when a good part of the window is free: then it sends several packets in one system call. */
  #wakeRoom(): void {
    if (this.#room === undefined || this.packets.windowUsed > 1 - windowFreeShare) return
    const room = this.#room
    this.#room = undefined
    room.resolve()
  }

  #sweep(nowMs: number): void {
    const waits = this.#state === 'setup' || this.packets.inFlightCount > 0
    if (waits && nowMs - this.#progressMs > this.#setup.timeoutMs) {
      this.#fail(this.#error('timeout', `found no answer for ${this.#setup.timeoutMs} ms`))
    } else if (this.#state === 'streaming' && nowMs - this.#sentMs > this.#setup.heartbeatMs) {
      this.#session.heartbeat()
      this.#pump()
    }
  }

  #connectionClosed(error: Error | undefined): void {
    if (this.#state === 'finished') return
    const found = error === undefined ? 'the DataNode closed the connection' : error.message
    this.#fail(this.#error('closed', `found ${found}`, { cause: error }))
  }

  #error(
    kind: BlockIoErrorKind,
    found: string,
    details: { cause?: unknown; status?: number; failedNodeIndex?: number; restarting?: boolean } = {},
  ): BlockWriteError {
    const message = `${this.#setup.attempted} to ${formatDatanodeAddress(this.#datanode)}: ${found}`
    return new BlockWriteError(kind, message, { datanode: this.#datanode, ...details })
  }

  #asWriteError(error: unknown): BlockWriteError {
    if (error instanceof BlockWriteError) return error
    const text = error instanceof Error ? error.message : String(error)
    return this.#error('protocol', text, { cause: error })
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined || this.#state === 'finished') return
    this.#failure = { reason }
    this.#state = 'closed'
    this.#setup.signal?.removeEventListener('abort', this.#onAbort)
    this.#setup.connection.destroy()
    // The next pipeline starts with what this one did not bring through.
    this.packets.rewind()
    const waiters = [this.#started, this.#room, ...this.#flushes]
    this.#started = undefined
    this.#room = undefined
    this.#flushes.length = 0
    for (const waiter of waiters) waiter?.reject(reason)
  }
}
