import { concatBytes } from '@cairn/bytes'
import type { Connection, ConnectionHandlers } from './connection.ts'
import { highWaterBytesDefault, readBytesDefault } from './limits.ts'
import { TransportError } from './transport-error.ts'

/** How the bytes of a pair travel. */
export interface MemoryPairOptions {
  /** Deliver in pieces of at most this many bytes, one `onReceive` each. Default: all that was written in a turn. */
  readonly chunkBytes?: number
  readonly highWaterBytes?: number
}

/** Two connected ends in this process, for tests and for servers without sockets. */
export function memoryPair(options: MemoryPairOptions = {}): [Connection, Connection] {
  const a = new MemoryConnection('memory-a', options)
  const b = new MemoryConnection('memory-b', options)
  a.peer = b
  b.peer = a
  return [a, b]
}

/** One end. Bytes are copied when written and delivered in a later microtask, in order. */
class MemoryConnection implements Connection {
  readonly remoteAddress: string
  readonly remotePort = 0
  readonly localAddress: string
  readonly localPort = 0
  readonly done: Promise<void>
  /** Here a read takes whatever was written. */
  readBytes = readBytesDefault
  readAtMost = 0
  /** The other end; `memoryPair` sets it before anyone sees this object. */
  peer: MemoryConnection | undefined
  readonly #chunkBytes: number
  readonly #highWaterBytes: number
  #handlers: ConnectionHandlers | undefined
  #paused = true
  #arrived: Uint8Array[] = []
  #arrivedBytes = 0
  #peerEnded = false
  #endTold = false
  #ending = false
  #closed = false
  #closeTold = false
  #error: Error | undefined
  #scheduled = false
  #waiters: { resolve(): void; reject(reason: Error): void }[] = []
  #settleDone: () => void = () => {}

  constructor(name: string, options: MemoryPairOptions) {
    this.localAddress = name
    this.remoteAddress = `peer of ${name}`
    this.#chunkBytes = options.chunkBytes ?? Number.POSITIVE_INFINITY
    this.#highWaterBytes = options.highWaterBytes ?? highWaterBytesDefault
    this.done = new Promise((resolve) => {
      this.#settleDone = resolve
    })
  }

  get closed(): boolean {
    return this.#closed
  }

  get bufferedBytes(): number {
    return this.peer === undefined ? 0 : this.peer.#arrivedBytes
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers
    this.resume()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (this.#handlers === undefined) return
    this.#paused = false
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    const handlers = this.#handlers
    if (handlers === undefined) return
    try {
      while (!this.#paused && !this.#closed && this.#arrivedBytes > 0) {
        handlers.input.push(this.#takeArrived())
        handlers.onReceive()
      }
      if (this.#peerEnded && !this.#paused && !this.#closed && !this.#endTold) {
        this.#endTold = true
        if (handlers.onEnd === undefined) this.end()
        else handlers.onEnd()
        this.#closeWhenBothEnded()
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#closed && !this.#closeTold) {
      this.#closeTold = true
      handlers.onClose(this.#error)
    }
  }

  #takeArrived(): Uint8Array {
    const all = this.#arrived.length === 1 ? this.#arrived[0]! : concatBytes(this.#arrived)
    const count = Math.min(all.length, this.#chunkBytes)
    this.#arrived = count === all.length ? [] : [all.subarray(count)]
    this.#arrivedBytes -= count
    if (this.#arrivedBytes < this.#highWaterBytes) this.peer!.#wakeWaiters()
    return all.subarray(0, count)
  }

  write(bytes: Uint8Array): boolean {
    const peer = this.peer
    if (peer === undefined || this.#closed || this.#ending) return false
    if (bytes.length > 0) peer.#arrived.push(bytes.slice())
    peer.#arrivedBytes += bytes.length
    peer.#schedule()
    return this.bufferedBytes < this.#highWaterBytes
  }

  /** Nothing waits here: bytes go over at once. */
  flush(): void {}

  drained(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closedReason())
    if (this.bufferedBytes < this.#highWaterBytes) return Promise.resolve()
    const waiting = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }))
    waiting.catch(() => {})
    return waiting
  }

  #wakeWaiters(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.resolve()
  }

  /** Memory keeps no process alive. */
  ref(): void {}
  unref(): void {}

  end(): void {
    if (this.#closed || this.#ending) return
    this.#ending = true
    if (this.peer !== undefined) {
      this.peer.#peerEnded = true
      this.peer.#schedule()
    }
    this.#closeWhenBothEnded()
  }

  #closeWhenBothEnded(): void {
    if (this.#ending && this.#endTold) this.#finish()
  }

  destroy(error?: Error): void {
    if (this.#closed) return
    this.#error ??= error
    this.#finish()
    // What a dropped TCP connection looks like to the other end.
    this.peer!.#reset()
  }

  #reset(): void {
    if (this.#closed) return
    this.#error ??= new TransportError(
      'ECONNRESET',
      `talk to ${this.remoteAddress}: connection reset by the peer (ECONNRESET)`,
    )
    this.#finish()
  }

  #finish(): void {
    this.#closed = true
    this.#arrived = []
    this.#arrivedBytes = 0
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.reject(this.#closedReason())
    this.#settleDone()
    this.#schedule()
  }

  #closedReason(): Error {
    return (
      this.#error ??
      new TransportError('ERR_TRANSPORT_CLOSED', `write to ${this.remoteAddress}: the connection is closed`)
    )
  }
}
