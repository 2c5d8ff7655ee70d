import { Status } from '@cairn/hadoop-proto'
import type { BlockReadClientSession, ChecksumFormat } from '@cairn/hdfs-protocol'
import { asBlockReadError, type BlockIoErrorKind, BlockReadError, refusedRead } from './block-io-error.ts'
import { type DatanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
import type { ConnectionUser, DatanodeConnection } from './datanode-connection.ts'
import type { DatanodeConnections } from './datanode-connections.ts'
import { drainMsMax, readAheadBytesMax } from './limits.ts'

/** What `nextChunk()` and `read()` wait for. */
type Waiting =
  | { readonly for: 'start'; resolve(): void; reject(error: unknown): void }
  | {
      readonly for: 'bytes'
      readonly into: Uint8Array
      filled: number
      resolve(count: number): void
      reject(error: unknown): void
    }
  | { readonly for: 'chunk'; resolve(chunk: Uint8Array | undefined): void; reject(error: unknown): void }

/** How a reader of one block is driven; `openBlockReader` makes it. */
export interface BlockReaderSetup {
  readonly connections: DatanodeConnections
  readonly connection: DatanodeConnection
  readonly session: BlockReadClientSession
  readonly attempted: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Reads a range of one block from one DataNode. Ask again only when the promise of the last call has settled.
 *
 * Back-pressure: bytes are received until a quarter of a MiB waits to be asked for. While a view is out, nothing is received,
 * because a read might move the memory under it.
 */
export class BlockReader implements AsyncDisposable {
  readonly datanode: DatanodeAddress
  readonly #setup: BlockReaderSetup
  readonly #session: BlockReadClientSession
  readonly #onAbort = (): void => this.#fail(this.#setup.signal?.reason)
  #checksum: ChecksumFormat = { type: 'NULL', bytesPerChecksum: 1 }
  /** Bytes of the newest packet that nobody has yet: a view of the receive buffer. */
  #rest: Uint8Array | undefined
  #waiting: Waiting | undefined
  #waitingSinceMs = 0
  #failure: { readonly reason: unknown } | undefined
  /** The connection is gone; what was received may still be all that was asked for. */
  #lost: { readonly error: Error | undefined } | undefined
  #state: 'open' | 'ended' | 'closed' = 'open'
  /** Closed by its user, but the connection is worth waiting for. */
  #draining = false

  constructor(setup: BlockReaderSetup) {
    this.#setup = setup
    this.#session = setup.session
    this.datanode = setup.connection.address
  }

  /** How the replica is guarded. */
  get checksum(): ChecksumFormat {
    return this.#checksum
  }

  /** Sends the operation; resolves when the DataNode has agreed. Called once, by `openBlockReader`. */
  start(): Promise<void> {
    const { connection, signal } = this.#setup
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    const user: ConnectionUser = {
      received: () => this.#received(),
      closed: (error) => this.#connectionClosed(error),
      sweep: (nowMs) => this.#sweep(nowMs),
    }
    connection.use(user)
    this.#send()
    return new Promise((resolve, reject) => this.#wait({ for: 'start', resolve, reject }))
  }

  /**
   * Copies the next bytes into `into`, waits until it is full or the range ends, and gives how many there are; 0 at the
   * end. When the replica fails on the way, the good bytes before that are given, and the next call fails. Answers at
   * once, without a promise, when the bytes are here. `into` must not be touched meanwhile.
   */
  read(into: Uint8Array): number | Promise<number> {
    this.#checkUsable()
    const filled = this.#guard(() => this.#copy(into, 0))
    if (filled === into.length || this.#state === 'ended' || this.#failure !== undefined) {
      this.#limitReadAhead()
      return filled
    }
    if (this.#lost !== undefined) return this.#onlyThese(filled, this.#lost.error)
    return new Promise((resolve, reject) => this.#wait({ for: 'bytes', into, filled, resolve, reject }))
  }

  /** The next bytes as a view that is valid until the next call; undefined at the end. At once when they are here. */
  nextChunk(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#checkUsable()
    const chunk = this.#guard(() => this.#takeChunk())
    if (chunk !== undefined || this.#state === 'ended') {
      if (chunk !== undefined) this.#setup.connection.connection.pause()
      return chunk
    }
    if (this.#lost !== undefined) throw this.#failLost(this.#lost.error)
    return new Promise((resolve, reject) => this.#wait({ for: 'chunk', resolve, reject }))
  }

  /** Ends reading; before the end of the range that costs the connection. Idempotent. */
  close(): Promise<void> {
    if (this.#state === 'open' && this.#failure === undefined && this.#session.atEnd) this.#drain()
    else if (this.#state === 'open') {
      this.#state = 'closed'
      this.#drop()
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(this.#error('closed', 'the reader was closed'))
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** All bytes were delivered: when the empty last packet is here too, the connection can be used again. */
  #drain(): void {
    this.#draining = true
    this.#rest = undefined
    this.#waitingSinceMs = performance.now()
    this.#setup.connection.connection.resume()
    this.#received()
    if (this.#lost !== undefined && this.#state === 'open') this.#failLost(this.#lost.error)
  }

  #checkUsable(): void {
    if (this.#failure !== undefined) throw this.#failure.reason
    if (this.#draining || this.#state === 'closed') throw this.#error('closed', 'the reader is closed')
    if (this.#waiting !== undefined) {
      throw new Error(`${this.#setup.attempted}: found the read before still waiting; await it first`)
    }
  }

  #wait(waiting: Waiting): void {
    this.#waiting = waiting
    this.#waitingSinceMs = performance.now()
    this.#setup.connection.connection.resume()
  }

  /** Runs a step of the session; what it throws ends this reader. */
  #guard<T>(step: () => T): T {
    try {
      return step()
    } catch (error) {
      this.#fail(asBlockReadError(this.#setup.attempted, error, this.datanode, 'protocol'))
      throw this.#failure === undefined ? error : this.#failure.reason
    }
  }

  /** Copies what is here into `into` from `filled` on; returns how far it is filled. */
  #copy(into: Uint8Array, filled: number): number {
    let at = filled
    while (at < into.length) {
      const chunk = this.#takeChunkAfter(at)
      if (chunk === undefined) break
      const count = Math.min(chunk.length, into.length - at)
      into.set(count === chunk.length ? chunk : chunk.subarray(0, count), at)
      at += count
      if (count < chunk.length) this.#rest = chunk.subarray(count)
    }
    return at
  }

  /** What fails after `copied` good bytes shows at the next call, so that those are not lost. */
  #takeChunkAfter(copied: number): Uint8Array | undefined {
    if (copied === 0) return this.#takeChunk()
    try {
      return this.#takeChunk()
    } catch (error) {
      if (this.#waiting?.for === 'bytes') this.#waiting.filled = copied
      this.#fail(asBlockReadError(this.#setup.attempted, error, this.datanode, 'protocol'))
      return undefined
    }
  }

  /** The next bytes that are here. After the last ones the connection goes back, if the DataNode has said so. */
  #takeChunk(): Uint8Array | undefined {
    const rest = this.#rest
    if (rest !== undefined) {
      this.#rest = undefined
      return rest
    }
    if (this.#state !== 'open') return undefined
    const event = this.#session.next()
    if (event === undefined) return undefined
    switch (event.kind) {
      case 'data':
        return event.data
      case 'started':
        this.#checksum = event.checksum
        return undefined
      case 'refused':
        throw refusedRead(this.#setup.attempted, event.refusal, this.datanode)
      case 'finished':
        this.#finish()
        return undefined
    }
  }

  #finish(): void {
    this.#state = 'ended'
    const status = this.#session.takeOutput()
    if (status !== undefined) this.#setup.connection.writeDeferred(status)
    this.#setup.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#session.keepsConnection) this.#setup.connections.giveBack(this.#setup.connection)
    else this.#setup.connection.finish()
  }

  #send(): void {
    const output = this.#session.takeOutput()
    if (output !== undefined) this.#setup.connection.connection.write(output)
  }

  #received(): void {
    try {
      this.#serve()
    } catch (error) {
      this.#fail(asBlockReadError(this.#setup.attempted, error, this.datanode, 'protocol'))
    }
  }

  #serve(): void {
    const waiting = this.#waiting
    this.#waitingSinceMs = performance.now()
    if (waiting === undefined) {
      this.#limitReadAhead()
    } else if (waiting.for === 'start') {
      const event = this.#session.next()
      if (event?.kind === 'refused') throw refusedRead(this.#setup.attempted, event.refusal, this.datanode)
      if (event?.kind !== 'started') return
      this.#checksum = event.checksum
      this.#waiting = undefined
      waiting.resolve()
      this.#limitReadAhead()
    } else if (waiting.for === 'bytes') {
      waiting.filled = this.#copy(waiting.into, waiting.filled)
      // A failure on the way has answered already.
      if (this.#failure !== undefined) return
      if (waiting.filled < waiting.into.length && this.#state === 'open') return
      this.#waiting = undefined
      waiting.resolve(waiting.filled)
      this.#limitReadAhead()
    } else {
      const chunk = this.#takeChunk()
      if (chunk === undefined && this.#state === 'open') return
      this.#waiting = undefined
      if (chunk !== undefined) this.#setup.connection.connection.pause()
      waiting.resolve(chunk)
    }
  }

  /** With nobody asking: finishes the block if all was delivered, and stops receiving when enough is here. */
  #limitReadAhead(): void {
    if (this.#state !== 'open' || this.#failure !== undefined) return
    // Past the last byte only the empty last packet can come: it makes the connection free again.
    if (this.#rest === undefined && this.#session.atEnd) this.#takeChunk()
    if (this.#state !== 'open') return
    if (this.#rest !== undefined || this.#session.input.length >= readAheadBytesMax) {
      this.#setup.connection.connection.pause()
    }
  }

  #sweep(nowMs: number): void {
    const silentMs = nowMs - this.#waitingSinceMs
    if (this.#draining && silentMs > drainMsMax)
      this.#fail(this.#error('timeout', 'found no end of the block'))
    if (this.#waiting === undefined || silentMs < this.#setup.timeoutMs) return
    this.#fail(this.#error('timeout', `found no answer for ${this.#setup.timeoutMs} ms`))
  }

  #connectionClosed(error: Error | undefined): void {
    if (this.#state !== 'open' || this.#failure !== undefined) return
    this.#lost = { error }
    // A DataNode of Hadoop 1 closes behind the block: what is here may be all of it ([xfer17.op.7]).
    if (this.#waiting !== undefined || this.#draining) this.#received()
    if (this.#waiting !== undefined || this.#draining) this.#failLost(error)
  }

  #failLost(error: Error | undefined): unknown {
    const found = error === undefined ? 'the DataNode closed the connection' : error.message
    this.#fail(this.#error('closed', `found ${found}`, error))
    return this.#failure?.reason
  }

  /** The connection is gone, and these bytes are all that came. */
  #onlyThese(filled: number, error: Error | undefined): number {
    const failure = this.#failLost(error)
    if (filled === 0) throw failure
    return filled
  }

  #error(kind: BlockIoErrorKind, found: string, cause?: Error): BlockReadError {
    const message = `${this.#setup.attempted} from ${formatDatanodeAddress(this.datanode)}: ${found}`
    return new BlockReadError(kind, message, {
      datanode: this.datanode,
      cause,
      status: kind === 'checksum' ? Status.ERROR_CHECKSUM : undefined,
    })
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined || this.#state !== 'open') return
    this.#failure = { reason }
    this.#drop()
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting?.for === 'bytes' && waiting.filled > 0 && reason instanceof BlockReadError) {
      waiting.resolve(waiting.filled)
    } else {
      waiting?.reject(reason)
    }
  }

  #drop(): void {
    this.#setup.signal?.removeEventListener('abort', this.#onAbort)
    this.#setup.connection.destroy()
  }
}
