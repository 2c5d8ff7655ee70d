import type { Duplex } from 'node:stream'
import type { Encodable } from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import type { HelperLink } from './helper.ts'
import type { HeaderInit, OutgoingMessage } from './message.ts'
import type { PetrichorSession } from './session.ts'

const sent = Promise.resolve()
/** From here on a turn's messages do not wait for its end: the other side works on them meanwhile. */
const flushBytes = 32 << 10

/** The way out of a connection: messages of one turn leave in one write, and helpers change them in order. */
export class Outbox {
  /** Helpers in the order in which they change a message on its way out. */
  readonly links: HelperLink[] = []
  private readonly stream: Duplex
  private readonly session: PetrichorSession
  private readonly highWaterBytes: number
  private readonly onError: (error: Error) => void
  private isScheduled = false
  private isHeld = false
  private drain: Promise<void> | undefined
  private resolveDrain: (() => void) | undefined
  /** The last message that a helper still works on; those behind it wait. */
  private tail: Promise<void> | undefined
  private stuckBytes = 0
  private stuckSince = 0
  private seenInSystem: unknown
  private readonly scheduled = () => {
    this.isScheduled = false
    this.flush()
  }

  constructor(
    stream: Duplex,
    session: PetrichorSession,
    highWaterBytes: number,
    onError: (error: Error) => void,
  ) {
    this.stream = stream
    this.session = session
    this.highWaterBytes = highWaterBytes
    this.onError = onError
  }

  get bufferedBytes(): number {
    return this.session.queuedBytes + this.stream.writableLength
  }

  /** True while more should not be sent. */
  get isCongested(): boolean {
    return this.drain !== undefined
  }

  /** Queues a message; throws for what cannot be written, unless a helper comes to it later. */
  add(header: HeaderInit, body: Encodable, key?: string, number?: Encodable): void {
    if (this.links.length === 0) this.session.send(header, body, key, number)
    else this.addThroughLinks({ header: key === undefined ? header : { ...header, [key]: number }, body })
    if (this.session.queuedBytes >= flushBytes) this.flush()
    if (this.isScheduled || this.isHeld) return
    this.isScheduled = true
    process.nextTick(this.scheduled)
  }

  /** Resolves when there is room again; mostly at once. */
  ready(): Promise<void> {
    return this.drain ?? this.tail ?? sent
  }

  /** Resolves when helpers have let go of the last message. */
  settled(): Promise<void> {
    return this.tail ?? sent
  }

  /** Until `release`, what is added waits, for whoever holds it will flush. */
  hold(): void {
    this.isHeld = true
  }

  release(): void {
    this.isHeld = false
    if (this.session.queuedBytes > 0) this.flush()
  }

  /** Hands what is queued to the stream. [petri.send.2] */
  flush(): void {
    const { stream, session } = this
    if (session.queuedBytes === 0) return
    const parts = session.takeOutput()
    if (stream.destroyed || stream.writableEnded) return
    if (parts.length === 1) stream.write(parts[0])
    else {
      stream.cork()
      for (const part of parts) stream.write(part)
      stream.uncork()
    }
    if (this.drain === undefined && stream.writableLength > this.highWaterBytes) {
      this.drain = new Promise((resolve) => {
        this.resolveDrain = resolve
      })
    }
  }

  /** The stream has sent everything, or will send no more. */
  onDrain(): void {
    this.drain = undefined
    this.resolveDrain?.()
    this.resolveDrain = undefined
  }

  /** Throws when the other side has taken nothing for too long. [petri.deadline.4] */
  sweep(now: number, writeMs: number): void {
    const unsent = this.stream.writableLength
    // Node says that a write is done when all of it is; of a large one only libuv knows how much has gone.
    const inSystem = unsent === 0 ? undefined : unsentOf(this.stream)
    const hasMoved = unsent < this.stuckBytes || inSystem !== this.seenInSystem
    if (unsent === 0 || this.stuckBytes === 0 || hasMoved) this.stuckSince = now
    this.stuckBytes = unsent
    this.seenInSystem = inSystem
    if (unsent > 0 && now - this.stuckSince > writeMs)
      throw new PetrichorError(
        'ERR_PETRICHOR_PEER_NOT_READING',
        `cannot send: the peer has read nothing for ${writeMs} ms`,
      )
  }

  private addThroughLinks(message: OutgoingMessage): void {
    if (this.tail === undefined) {
      const changed = this.through(message, 0)
      if (!(changed instanceof Promise)) {
        this.session.send(changed.header, changed.body)
        return
      }
      this.follow(changed)
    } else this.follow(this.tail.then(() => this.through(message, 0)))
  }

  private follow(changing: Promise<OutgoingMessage>): void {
    const tail = changing
      .then(({ header, body }) => {
        this.session.send(header, body)
        this.flush()
      })
      .catch((error) => this.onError(error))
      .finally(() => {
        if (this.tail === tail) this.tail = undefined
      })
    this.tail = tail
  }

  private through(message: OutgoingMessage, from: number): OutgoingMessage | Promise<OutgoingMessage> {
    let changed = message
    for (let index = from; index < this.links.length; index++) {
      const link = this.links[index]!
      if (link.outgoing === undefined) continue
      const next = link.outgoing(changed)
      if (next instanceof Promise) return next.then((late) => this.through(late, index + 1))
      changed = next
    }
    return changed
  }
}

/** Bytes of a socket's write under way that the system has not taken yet; undefined where the stream is no socket. */
function unsentOf(stream: Duplex): unknown {
  let handle: unknown = Reflect.get(stream, '_handle')
  let bytes: unknown
  while (typeof handle === 'object' && handle !== null) {
    bytes = Reflect.get(handle, 'writeQueueSize')
    // TLS has taken all of it at once; what counts is the socket below.
    handle = Reflect.get(handle, '_parent')
  }
  return bytes
}
