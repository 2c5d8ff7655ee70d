// A connection whose bytes are protected: the handshake first, then everything goes through the cipher agreed upon.
//
//     handshake ──done──▶ ready ──start()──▶ opens what comes, seals what goes
//         └── refused, garbage, silence ──▶ closed
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  type ConnectionCipher,
  encodeSaslRefusal,
  type Handshake,
  SaslRefusedError,
  saslTokenBytesMax,
} from '@cairn/hdfs-protocol'
import type { Connection, ConnectionHandlers } from '@cairn/transport'

export interface SecureOptions {
  /** How long the handshake may take. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** How long a peer that was refused has to close the connection. */
const lingerMs = 4_000

/** Room for a whole token and for what is read behind it. */
const receivedBytesMax = saslTokenBytesMax + 2 * 1024 * 1024

/**
 * Goes through a handshake on a connection that nobody has started; resolves with the connection to be used instead.
 * Rejects with `ProtocolError`, `SaslRefusedError`, the transport's error or the signal's reason; the connection is
 * closed then.
 */
export function secureConnection(
  connection: Connection,
  handshake: Handshake,
  options: SecureOptions,
): Promise<Connection> {
  if (options.signal?.aborted) {
    connection.destroy()
    return Promise.reject(options.signal.reason)
  }
  return new Promise((resolve, reject) => {
    const secure = new SecureConnection(connection, handshake, (error) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      if (error === undefined) resolve(secure)
      else reject(error)
    })
    const onAbort = (): void => secure.giveUp(options.signal?.reason)
    const timer = setTimeout(() => {
      secure.giveUp(new Error(`log in to ${secure.peer}: found no end of it in ${options.timeoutMs} ms`))
    }, options.timeoutMs)
    options.signal?.addEventListener('abort', onAbort, { once: true })
    secure.begin()
  })
}

class SecureConnection implements Connection {
  /** Frames end elsewhere in what is received here. */
  readAtMost = 0
  readonly #inner: Connection
  readonly #received = new ReceiveBuffer({ maxBytes: receivedBytesMax })
  #handshake: Handshake | undefined
  #settle: ((error?: unknown) => void) | undefined
  /** Undefined also behind a handshake that only says who is there. */
  #cipher: ConnectionCipher | undefined
  #handlers: ConnectionHandlers | undefined
  #paused = true
  #delivering = false
  #peerEnded = false
  #endTold = false
  #closedBy: { readonly error: Error | undefined } | undefined
  /** The last answer of `write`: whether more may be written. */
  #room = true
  #refused: NodeJS.Timeout | undefined
  readonly #send = (bytes: Uint8Array): void => {
    this.#room = this.#inner.write(bytes)
  }

  constructor(inner: Connection, handshake: Handshake, settle: (error?: unknown) => void) {
    this.#inner = inner
    this.#handshake = handshake
    this.#settle = settle
  }

  get peer(): string {
    return `${this.remoteAddress}:${this.remotePort}`
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress
  }

  get remotePort(): number {
    return this.#inner.remotePort
  }

  get localAddress(): string {
    return this.#inner.localAddress
  }

  get localPort(): number {
    return this.#inner.localPort
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes
  }

  get readBytes(): number {
    return this.#inner.readBytes
  }

  set readBytes(bytes: number) {
    this.#inner.readBytes = bytes
  }

  get closed(): boolean {
    return this.#inner.closed
  }

  get done(): Promise<void> {
    return this.#inner.done
  }

  begin(): void {
    this.#inner.start({
      input: this.#received,
      onReceive: () => this.#receive(),
      onEnd: () => this.#ended(),
      onClose: (error) => this.#closed(error),
    })
    const first = this.#handshake?.start()
    if (first !== undefined) this.#inner.write(first)
  }

  /** Ends a handshake that is under way. */
  giveUp(reason: unknown): void {
    const settle = this.#settle
    this.#settle = undefined
    if (settle === undefined) return
    this.#inner.destroy()
    settle(reason)
  }

  #receive(): void {
    if (this.#refused !== undefined) this.#received.consume(this.#received.length)
    else if (this.#handshake !== undefined) this.#negotiate(this.#handshake)
    else this.#deliver()
  }

  #negotiate(handshake: Handshake): void {
    try {
      const step = handshake.next(this.#received)
      if (step === undefined) return
      if (step.send !== undefined) this.#inner.write(step.send)
      if (step.done === undefined) return
      this.#cipher = step.done.cipher
      this.#handshake = undefined
      const settle = this.#settle
      this.#settle = undefined
      this.#inner.pause()
      settle?.()
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** Tells the peer why, unless it does not speak of handshakes at all [sasl.handshake.2] [sasl.handshake.5]. */
  #refuse(error: unknown): void {
    const settle = this.#settle
    this.#settle = undefined
    if (error instanceof ProtocolError && error.code === 'ERR_SASL_MAGIC') {
      this.#inner.destroy()
    } else {
      const kind = error instanceof SaslRefusedError ? error.kind : 'other'
      const text = error instanceof Error ? error.message : String(error)
      this.#inner.write(encodeSaslRefusal(kind, text))
      this.#inner.end()
      // What the peer still sends is read and dropped: a connection reset would take the answer with it.
      this.#refused = setTimeout(() => this.#inner.destroy(), lingerMs).unref()
    }
    settle?.(error)
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers
    if (this.#closedBy !== undefined) {
      const { error } = this.#closedBy
      process.nextTick(() => handlers.onClose(error))
      return
    }
    this.resume()
  }

  pause(): void {
    this.#paused = true
    this.#inner.pause()
  }

  resume(): void {
    if (this.#handlers === undefined || this.closed) return
    this.#paused = false
    this.#inner.resume()
    // As with a plain connection, what was left and the end come in a turn of their own.
    if (!this.#delivering && (this.#received.length > 0 || this.#peerEnded)) {
      setImmediate(() => this.#deliver())
    }
  }

  #deliver(): void {
    const handlers = this.#handlers
    if (handlers === undefined || this.#delivering) return
    this.#delivering = true
    try {
      while (!this.#paused && !this.closed) {
        const bytes = this.#open()
        if (bytes === undefined) break
        if (bytes.length === 0) continue
        handlers.input.push(bytes)
        handlers.onReceive()
      }
      if (this.#peerEnded && !this.#endTold && !this.#paused && !this.closed) {
        this.#endTold = true
        if (handlers.onEnd === undefined) this.end()
        else handlers.onEnd()
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    this.#delivering = false
  }

  #open(): Uint8Array | undefined {
    if (this.#cipher !== undefined) return this.#cipher.open(this.#received)
    if (this.#received.length === 0) return undefined
    const bytes = this.#received.view()
    this.#received.consume(bytes.length)
    return bytes
  }

  #ended(): void {
    this.#peerEnded = true
    if (this.#settle !== undefined) {
      this.giveUp(new Error(`log in to ${this.peer}: the peer closed the connection`))
    } else {
      setImmediate(() => this.#deliver())
    }
  }

  #closed(error: Error | undefined): void {
    this.#closedBy = { error }
    clearTimeout(this.#refused)
    if (this.#settle !== undefined) {
      const settle = this.#settle
      this.#settle = undefined
      settle(error ?? new Error(`log in to ${this.peer}: the peer closed the connection`))
    } else {
      this.#handlers?.onClose(error)
    }
  }

  write(bytes: Uint8Array): boolean {
    if (this.#cipher === undefined) return this.#inner.write(bytes)
    if (this.closed) return false
    this.#cipher.seal(bytes, this.#send)
    return this.#room
  }

  flush(): void {
    this.#inner.flush()
  }

  drained(): Promise<void> {
    return this.#inner.drained()
  }

  end(): void {
    this.#inner.end()
  }

  destroy(error?: Error): void {
    this.#inner.destroy(error)
  }

  unref(): void {
    this.#inner.unref()
  }

  ref(): void {
    this.#inner.ref()
  }
}
