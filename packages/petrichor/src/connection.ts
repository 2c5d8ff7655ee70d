import type { Duplex } from 'node:stream'
import type { Account, Encodable, Value } from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import { correlation, type Helper, type HelperLink, type Reply } from './helper.ts'
import { landingOf } from './landing.ts'
import { type PetrichorLimitOptions, type PetrichorLimits, resolveLimits } from './limits.ts'
import { type HeaderInit, headerKeys, type Message } from './message.ts'
import { Outbox } from './outbox.ts'
import type { TextOption } from './reader.ts'
import { PetrichorSession } from './session.ts'
import { joinSweep, leaveSweep } from './sweep.ts'
import { type EOF, Waiters, type WaitOptions } from './waiters.ts'

/** How a connection reads. */
export interface ConnectionOptions {
  readonly limits?: PetrichorLimitOptions | undefined
  /** Which strings are read as text where they are UTF-8. Default `header`. */
  readonly text?: TextOption | undefined
  /** Rejects numbers that are not written as this package writes them. Default false. */
  readonly strict?: boolean | undefined
  /** Where memory of unfinished messages is accounted. */
  readonly account?: Account | undefined
}

/** What takes messages that nobody in particular waits for. May answer at once or later. */
export type Handler = (message: Message, connection: Connection) => Reply | Promise<Reply>

const noHeader: HeaderInit = Object.freeze({})
/** How long a closed connection waits for the other side's end. */
const lingerMs = 1000
/** How long a closing connection waits for its handlers. */
const handlersMs = 10_000
/** Messages kept for `recv` while answers to numbered requests are read past them. */
const inboxMax = 64

/**
 * Messages over any duplex stream of Node: TCP, TLS, Unix socket, pipe, `memoryPair()`. It reads only as far as someone
 * wants messages, so a peer that sends too much waits in its own socket. Messages of one turn leave in one write.
 *
 * Iterating it yields messages until the other side ends between two of them.
 */
export class Connection implements AsyncIterable<Message> {
  readonly stream: Duplex
  readonly limits: PetrichorLimits
  /** Resolves when the connection is closed, with what broke it. Never rejects. */
  readonly done: Promise<Error | undefined>
  /** Helpers that both sides have; empty before the handshake and with a plain peer. */
  agreed: readonly string[] = []

  private readonly session: PetrichorSession
  private readonly waiters = new Waiters()
  private readonly outbox: Outbox
  private readonly links: HelperLink[] = []
  /** Messages that came while answers to numbered requests were awaited, and that nobody has taken. */
  private readonly inbox: Message[] = []
  private handler: Handler | undefined
  private concurrency = 1
  private active = 0
  private idle: Promise<void> | undefined
  private onIdle: (() => void) | undefined
  private lastNumber = 0
  private isCorrelating = false

  private isDelivering = false
  /** A helper works on a message that came; those behind it wait. */
  private isChanging = false
  private isPaused = false
  private hasEnded = false
  private error: Error | undefined
  private isClosed = false
  private resolveDone: (error: Error | undefined) => void = () => {}

  constructor(stream: Duplex, options: ConnectionOptions = {}) {
    this.stream = stream
    this.limits = resolveLimits(options.limits)
    const { text = 'header', strict = false, account } = options
    const reading = { limits: this.limits, text, strict, now: performance.now() }
    this.session = new PetrichorSession(account === undefined ? reading : { ...reading, account })
    this.outbox = new Outbox(stream, this.session, this.limits.highWaterBytes, (error) => this.destroy(error))
    this.done = new Promise((resolve) => {
      this.resolveDone = resolve
    })
    this.read(stream)
    stream.on('end', () => this.onEnd())
    stream.on('error', (error: Error) => this.destroy(error))
    stream.on('close', () => this.onClose())
    stream.on('drain', () => {
      this.outbox.onDrain()
      this.deliver()
    })
    joinSweep(this)
  }

  /** True from the end on, whoever brought it about. */
  get closed(): boolean {
    return this.isClosed
  }

  /** Bytes that the other side has not taken yet. */
  get bufferedBytes(): number {
    return this.outbox.bufferedBytes
  }

  /** True while more should wait for `send` to resolve. */
  get isCongested(): boolean {
    return this.outbox.isCongested
  }

  /** Resolves when fewer than `highWaterBytes` wait to be sent, or when the connection is closed. */
  ready(): Promise<void> {
    return this.outbox.ready()
  }

  /** Requests without an answer, and other waits. */
  get inFlight(): number {
    return this.waiters.size
  }

  /** The next message that is no answer to a numbered request; null when the other side ended between messages. */
  recv(options?: WaitOptions): Promise<Message | null> {
    const message = this.inbox.shift()
    if (message !== undefined) return Promise.resolve(message)
    if (this.error !== undefined) return Promise.reject(this.error)
    const promise = this.waiters.wait(false, undefined, options)
    this.deliver()
    return promise
  }

  /** The next value, whatever it is; `EOF` when the other side ended between messages. [petri.chunk.1] */
  readChunk(options?: WaitOptions): Promise<Value | typeof EOF> {
    if (this.error !== undefined) return Promise.reject(this.error)
    const promise = this.waiters.waitChunk(options)
    this.deliver()
    return promise
  }

  /**
   * Sends a message. Resolves when fewer than `highWaterBytes` wait to be sent, which is mostly at once. A body of
   * bytes must not change any more. Rejects for a value that no TNetstring can hold, and on a closed connection.
   */
  send(header: HeaderInit, body: Encodable = ''): Promise<void> {
    try {
      this.queue(header, body)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.outbox.ready()
  }

  /**
   * Sends a message and answers the next one, or the one with its number where both sides number them. Null when the
   * other side ended instead. Many may be in flight at once.
   */
  request(header: HeaderInit, body: Encodable = '', options?: WaitOptions): Promise<Message | null> {
    try {
      options?.signal?.throwIfAborted()
      if (this.waiters.size >= this.limits.inFlight) throw tooManyInFlight(this.limits.inFlight)
      const number = this.isCorrelating ? ++this.lastNumber : undefined
      if (number === undefined) this.queue(header, body)
      else this.queue(header, body, headerKeys.id, number)
      const promise = this.waiters.wait(true, number, options)
      this.deliver()
      return promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Has every message that nobody waits for handled, `concurrency` at once where requests are numbered (the answers of
   * others come in turn). While all are busy, nothing is read. [petri.flow.1]
   */
  handle(handler: Handler, concurrency = 1): void {
    this.handler = handler
    this.concurrency = this.isCorrelating ? concurrency : 1
    this.deliver()
  }

  /** Begins a handshake: until `settle`, there is a deadline and, at a server, little room. */
  greet(isServer: boolean): void {
    this.session.greet(performance.now(), isServer)
  }

  /** Ends the handshake. `agreed` are the names of helpers that both sides have. [petri.helper.1] */
  settle(isAllowed: boolean, agreed: readonly string[] = [], helpers: readonly Helper[] = []): void {
    this.outbox.flush()
    this.session.settle(isAllowed)
    this.agreed = agreed
    this.isCorrelating = agreed.includes(correlation)
    for (const helper of helpers) {
      const both = helper.names.filter((name) => agreed.includes(name))
      if (both.length > 0) this.links.push(helper.attach(both, this))
    }
    this.outbox.links.push(...this.links)
  }

  /**
   * Handles no more, waits for handlers that run (at most 10 s), sends what is queued and ends the connection; resolves
   * when it is closed, at most a second after that. [petri.close.1]
   */
  async close(): Promise<void> {
    this.handler = undefined
    if (this.active > 0 && !this.isClosed) await this.untilIdle()
    await this.outbox.settled()
    if (!this.isClosed && !this.stream.writableEnded) {
      this.outbox.flush()
      this.stream.end()
      // What still comes is dropped, for the end is only seen behind it.
      this.isPaused = false
      this.stream.resume()
      const timer = setTimeout(() => this.destroy(), lingerMs)
      this.done.finally(() => clearTimeout(timer))
    }
    await this.done
  }

  private untilIdle(): Promise<void> {
    this.idle ??= new Promise((resolve) => {
      const timer = setTimeout(resolve, handlersMs)
      this.onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    return this.idle
  }

  /** Drops the connection and what is queued; everyone who waits gets the error. */
  destroy(error?: Error): void {
    if (error !== undefined) {
      this.error ??= error
      this.waiters.finish(this.error)
    }
    if (this.isClosed) return
    this.stream.destroy()
    this.onClose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      const message = await this.recv()
      if (message === null) return
      yield message
    }
  }

  /** Looks for deadlines that have passed; called by the one timer of all connections. */
  sweep(now: number): void {
    this.waiters.sweep(now)
    try {
      this.session.advance(now, !this.isPaused && this.wantsMore())
      this.outbox.sweep(now, this.limits.writeMs)
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  private queue(header: HeaderInit, body: Encodable, key?: string, number?: Encodable): void {
    if (this.isClosed || this.stream.writableEnded)
      throw this.error ?? new PetrichorError('ERR_PETRICHOR_CLOSED', 'cannot send: the connection is closed')
    this.outbox.add(header, body, key, number)
  }

  /** Bytes of a socket that this package has made land in shared memory; any other stream brings its own chunks. */
  private read(stream: Duplex): void {
    const { session } = this
    const landing = landingOf(stream)
    if (landing === undefined) {
      stream.on('data', (chunk: Uint8Array) => {
        if (this.isDeaf()) return
        session.receive(chunk)
        this.onReceived()
      })
      return
    }
    landing.start((bytes) => {
      if (this.isDeaf()) return
      try {
        session.receiveCopy(bytes)
      } catch (error) {
        // There is no memory for it.
        this.destroy(error as Error)
        return
      }
      this.onReceived()
    })
    stream.resume()
  }

  /** After an error, and after its own end, nobody wants what comes: it is dropped so that the other end is seen. */
  private isDeaf(): boolean {
    return this.error !== undefined || (this.stream.writableEnded && !this.wantsMore())
  }

  private onReceived(): void {
    this.outbox.hold()
    this.deliver()
    this.outbox.release()
  }

  private onEnd(): void {
    this.hasEnded = true
    this.deliver()
  }

  private onClose(): void {
    if (this.isClosed) return
    this.isClosed = true
    leaveSweep(this)
    this.outbox.onDrain()
    this.onIdle?.()
    for (const link of this.links) link.close?.()
    if (!this.hasEnded && this.error === undefined && this.waiters.size > 0) this.error = gone()
    if (this.error !== undefined) {
      this.waiters.finish(this.error)
      this.session.clear()
    }
    this.resolveDone(this.error)
  }

  /** True where a message that came would be taken. */
  private wantsMore(): boolean {
    if (this.isChanging) return false
    if (this.waiters.inTurn.length > 0) return true
    if (this.handler !== undefined && this.active < this.concurrency && !this.outbox.isCongested) return true
    return this.waiters.byNumber.size > 0 && this.inbox.length < inboxMax
  }

  /** Hands out what came as long as someone takes it, and stops and starts reading. */
  private deliver(): void {
    if (this.isDelivering) return
    this.isDelivering = true
    try {
      this.emptyInbox()
      while (this.wantsMore()) {
        if (this.deliverOne()) continue
        if (this.hasEnded) this.finish()
        break
      }
    } catch (error) {
      this.destroy(error as Error)
    }
    this.isDelivering = false
    // This side has closed, so nothing more will come for those who still wait.
    if (this.isClosed && !this.hasEnded && !this.isChanging && this.waiters.size > 0) this.destroy(gone())
    if (this.isPaused) {
      if (!this.wantsMore()) return
      this.isPaused = false
      this.stream.resume()
    } else if (this.session.buffered >= this.limits.readAheadBytes && !this.wantsMore()) {
      this.isPaused = true
      this.stream.pause()
    }
  }

  private emptyInbox(): void {
    if (this.handler === undefined) return
    while (this.inbox.length > 0 && this.active < this.concurrency)
      this.run(this.handler, this.inbox.shift()!)
  }

  private deliverOne(): boolean {
    const { session, waiters } = this
    if (waiters.inTurn[0]?.wantsChunk) {
      const value = session.nextChunk()
      if (value === undefined) return false
      const waiter = waiters.inTurn.shift()!
      waiter.stopListening?.()
      waiter.resolveChunk?.(value)
      return true
    }
    const message = session.next()
    if (message === undefined) return false
    if (this.links.length === 0) this.dispatch(message)
    else this.change(message, this.links.length - 1)
    return true
  }

  /** Helpers undo in reverse order what their counterparts did. */
  private change(message: Message, from: number): void {
    let changed = message
    for (let index = from; index >= 0; index--) {
      const link = this.links[index]!
      if (link.incoming === undefined) continue
      const next = link.incoming(changed)
      if (next instanceof Promise) {
        this.isChanging = true
        next.then(
          (late) => {
            this.isChanging = false
            this.change(late, index - 1)
            this.deliver()
          },
          (error) => this.destroy(error),
        )
        return
      }
      changed = next
    }
    this.dispatch(changed)
  }

  private dispatch(message: Message): void {
    const { waiters } = this
    if (this.isCorrelating) {
      const { re } = message.header
      if (re !== undefined) {
        const waiter = typeof re === 'number' ? waiters.byNumber.get(re) : undefined
        // The answer to a request that was given up: read and dropped. [petri.correlate.3]
        if (waiter === undefined) return
        waiters.byNumber.delete(re as number)
        waiter.stopListening?.()
        waiter.resolve?.(message)
        return
      }
    }
    const waiter = waiters.inTurn.shift()
    if (waiter !== undefined) {
      waiter.stopListening?.()
      if (!waiter.isGone) waiter.resolve?.(message)
    } else if (this.handler !== undefined && this.active < this.concurrency) this.run(this.handler, message)
    else this.inbox.push(message)
  }

  private run(handler: Handler, message: Message): void {
    let handle = (one: Message) => handler(one, this)
    for (const link of this.links) {
      if (link.around === undefined) continue
      const inner = handle
      handle = (one) => link.around!(one, inner)
    }
    const reply = this.links.length === 0 ? handler(message, this) : handle(message)
    if (!(reply instanceof Promise)) {
      this.answer(message, reply)
      return
    }
    this.active++
    reply.then(
      (late) => {
        this.active--
        try {
          if (!this.isClosed) this.answer(message, late)
          if (this.active === 0) this.onIdle?.()
          this.deliver()
        } catch (error) {
          this.destroy(error as Error)
        }
      },
      (error) => this.destroy(error),
    )
  }

  private answer(message: Message, reply: Reply): void {
    if (reply === undefined || reply === null) return
    const { header = noHeader, body = '' } = reply
    const { id } = message.header
    if (this.isCorrelating && id !== undefined) this.queue(header, body, headerKeys.re, id as Encodable)
    else this.queue(header, body)
  }

  /** The other side has ended and everything that came is handed out. [petri.recv.1] */
  private finish(): void {
    this.session.receiveEnd()
    this.waiters.finish(undefined)
    if (this.handler !== undefined && this.active === 0) void this.close()
  }
}

function gone(): PetrichorError {
  return new PetrichorError('ERR_PETRICHOR_CLOSED', 'cannot go on: the connection was closed')
}

function tooManyInFlight(most: number): PetrichorError {
  const said = `cannot send a request: ${most} are without an answer; at most ${most} are allowed`
  return new PetrichorError('ERR_PETRICHOR_IN_FLIGHT', said)
}
