import type { OnReadOpts, Socket } from 'node:net'
import { ProtocolError } from '@cairn/bytes'
import type { Connection, ConnectionHandlers, ConnectionOptions } from './connection.ts'
import { flushBytes, highWaterBytesDefault, joinBytesMax, readBytesDefault } from './limits.ts'
import { TransportError, transportError } from './transport-error.ts'

/**
 * Where a read lands while the user's buffer must not move: before `start()` and while paused. One for all
 * connections, because a read and its callback happen in one step of the event loop.
 */
const landing = new Uint8Array(readBytesDefault)

type Waiter = { readonly resolve: () => void; readonly reject: (reason: Error) => void }

/**
 * A `node:net` socket as a `Connection`.
 *
 * Reading: the socket's `onread` asks `#nextBuffer()` for memory before every read and gets the free tail of the
 * user's ReceiveBuffer, so bytes are copied once, by the kernel. While paused it gets `landing` instead, so views
 * that the user holds stay valid; what a late read leaves there is copied over.
 *
 * Writing: chunks wait in `#waiting` until the turn ends (process.nextTick runs after the microtasks of the same
 * read), small ones are joined, and all leave in one write or writev.
 */
export class TcpConnection implements Connection {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  readonly done: Promise<void>
  readonly #socket: Socket
  readBytes: number
  readAtMost = 0
  readonly #highWaterBytes: number
  readonly #flushNow = (): void => this.flush()
  #handlers: ConnectionHandlers | undefined
  #paused = true
  #receiving = false
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #flushScheduled = false
  #ending = false
  #closed = false
  #error: Error | undefined
  #waiters: Waiter[] = []
  #settleDone: () => void = () => {}

  /** `socket` must be connected, paused, half-open and have been made with `hook.onread`. */
  constructor(socket: Socket, hook: ReadHook, options: ConnectionOptions = {}) {
    this.#socket = socket
    this.readBytes = options.readBytes ?? readBytesDefault
    this.#highWaterBytes = options.highWaterBytes ?? highWaterBytesDefault
    this.remoteAddress = socket.remoteAddress ?? ''
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = socket.localAddress ?? ''
    this.localPort = socket.localPort ?? 0
    this.done = new Promise((resolve) => {
      this.#settleDone = resolve
    })
    hook.nextBuffer = () => this.#nextBuffer()
    hook.received = (count, buffer) => this.#received(count, buffer)
    socket.on('error', (error) => {
      this.#error ??= transportError('talk to', this.#peer, error)
    })
    socket.on('end', () => this.#peerEnded())
    socket.on('drain', () => this.#wakeWaiters())
    socket.on('close', () => this.#finish())
  }

  get #peer(): string {
    return `${this.remoteAddress}:${this.remotePort}`
  }

  get closed(): boolean {
    return this.#closed
  }

  get bufferedBytes(): number {
    return this.#waitingBytes + this.#socket.writableLength
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers
    if (this.#closed) {
      // The connection broke between being made and being started: the user must still hear of it.
      process.nextTick(() => handlers.onClose(this.#error))
      return
    }
    this.resume()
  }

  pause(): void {
    this.#paused = true
    if (!this.#receiving) this.#socket.pause()
  }

  resume(): void {
    if (this.#handlers === undefined || this.#closed) return
    this.#paused = false
    if (!this.#receiving) this.#socket.resume()
  }

  #nextBuffer(): Uint8Array {
    const handlers = this.#handlers
    if (handlers === undefined || this.#paused || this.#closed) return landing
    try {
      const most = this.readAtMost
      if (most === 0) return handlers.input.writable(this.readBytes)
      const room = handlers.input.writable(most)
      return room.length > most ? room.subarray(0, most) : room
    } catch (error) {
      return this.#lastRoom(handlers, error)
    }
  }

  /** Near its limit the buffer may still have room for less than a whole read. */
  #lastRoom(handlers: ConnectionHandlers, reason: unknown): Uint8Array {
    try {
      if (reason instanceof ProtocolError) return handlers.input.writable(1)
    } catch {
      // The buffer is full to the last byte; the first error says so.
    }
    this.destroy(asError(reason))
    return landing
  }

  #received(count: number, buffer: Uint8Array): boolean {
    const handlers = this.#handlers
    if (handlers === undefined || this.#closed) return false
    this.#receiving = true
    try {
      if (buffer === landing) handlers.input.push(landing.subarray(0, count))
      else handlers.input.commit(count)
      handlers.onReceive()
    } catch (error) {
      this.destroy(asError(error))
    }
    this.#receiving = false
    return !this.#paused && !this.#closed
  }

  #peerEnded(): void {
    const handlers = this.#handlers
    if (handlers?.onEnd === undefined) {
      this.end()
      return
    }
    try {
      handlers.onEnd()
    } catch (error) {
      this.destroy(asError(error))
    }
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#ending) return false
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= flushBytes) {
      this.flush()
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true
      process.nextTick(this.#flushNow)
    }
    return this.bufferedBytes < this.#highWaterBytes
  }

  flush(): void {
    this.#flushScheduled = false
    const chunks = this.#waiting
    if (chunks.length === 0) return
    const count = this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
    if (this.#closed) return
    if (chunks.length === 1) this.#socket.write(chunks[0]!)
    else if (count <= joinBytesMax) this.#socket.write(Buffer.concat(chunks, count))
    else this.#writeAll(chunks)
  }

  #writeAll(chunks: readonly Uint8Array[]): void {
    this.#socket.cork()
    for (const chunk of chunks) this.#socket.write(chunk)
    this.#socket.uncork()
  }

  drained(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closedReason())
    this.flush()
    if (this.bufferedBytes < this.#highWaterBytes || !this.#socket.writableNeedDrain) return Promise.resolve()
    const waiting = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }))
    // Whoever awaits it sees the rejection; whoever does not has been told by onClose.
    waiting.catch(() => {})
    return waiting
  }

  #wakeWaiters(): void {
    const waiters = this.#waiters
    if (waiters.length === 0) return
    this.#waiters = []
    for (const waiter of waiters) waiter.resolve()
  }

  ref(): void {
    this.#socket.ref()
  }

  unref(): void {
    this.#socket.unref()
  }

  end(): void {
    if (this.#closed || this.#ending) return
    this.flush()
    this.#ending = true
    this.#socket.end()
  }

  destroy(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#error ??= error
    this.#waiting = []
    this.#waitingBytes = 0
    this.#socket.destroy()
  }

  #closedReason(): Error {
    return (
      this.#error ??
      new TransportError('ERR_TRANSPORT_CLOSED', `write to ${this.#peer}: the connection is closed`, {
        address: this.#peer,
      })
    )
  }

  #finish(): void {
    this.#closed = true
    this.#waiting = []
    this.#waitingBytes = 0
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.reject(this.#closedReason())
    this.#handlers?.onClose(this.#error)
    this.#settleDone()
  }
}

/** The two callbacks of `onread`, given to the socket before the connection around it exists. */
export class ReadHook {
  nextBuffer: () => Uint8Array = () => landing
  received: (count: number, buffer: Uint8Array) => boolean = () => false
  readonly onread: OnReadOpts = {
    buffer: () => this.nextBuffer(),
    callback: (count, buffer) => this.received(count, buffer),
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
