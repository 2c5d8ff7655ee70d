import type { Encodable, Value } from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import type { PetrichorLimits } from './limits.ts'
import type { HeaderInit, Message } from './message.ts'
import { MessageReader, type ReaderOptions } from './reader.ts'
import { MessageWriter } from './writer.ts'

/**
 * What a connection is doing. `plain`: messages go to and fro and nothing is asked. `greeting`: the first message of
 * the other side is awaited, with a deadline and, at a server, little room. Then `open` or `denied`.
 *
 *     plain ──greet()──▶ greeting ──settle(true)──▶ open
 *                               └──settle(false)─▶ denied
 */
export type SessionState = 'plain' | 'greeting' | 'open' | 'denied'

/**
 * One end of a Petrichor connection without a socket, a clock or a timer: bytes and times come in as arguments, messages
 * and bytes come out. Any method that reads throws `PetrichorError` or `TnetstringError`, after which it is over.
 */
export class PetrichorSession {
  state: SessionState = 'plain'
  private readonly reader: MessageReader
  private readonly writer = new MessageWriter()
  private readonly limits: PetrichorLimits

  private greetingSince = 0
  /** What `advance` saw last: bytes read and bytes buffered, and since when the present message has been coming. */
  private seenPosition = 0
  private seenBuffered = 0
  private messageSince = 0
  private quietSince: number

  constructor(options: ReaderOptions & { readonly now: number }) {
    this.limits = options.limits
    this.reader = new MessageReader(options)
    this.quietSince = options.now
    this.messageSince = options.now
  }

  /** Bytes received that are not part of a message answered yet. */
  get buffered(): number {
    return this.reader.buffered
  }

  /** Bytes that `takeOutput` would answer. */
  get queuedBytes(): number {
    return this.writer.queuedBytes
  }

  /** Expects the other side's first message: soon, and with `isServer` a small one. [petri.limit.2] [petri.deadline.1] */
  greet(now: number, isServer: boolean): void {
    this.state = 'greeting'
    this.greetingSince = now
    if (isServer) this.reader.restrict(this.limits.handshakeBytes)
  }

  /** The server has decided. From here on the limits are those of every message. */
  settle(isAllowed: boolean): void {
    this.state = isAllowed ? 'open' : 'denied'
    this.reader.restrict(Number.POSITIVE_INFINITY)
  }

  /** Takes received bytes over. */
  receive(chunk: Uint8Array): void {
    this.reader.push(chunk)
  }

  /** Takes a copy of what is needed of received bytes, which may change afterwards. */
  receiveCopy(chunk: Uint8Array): void {
    this.reader.pushCopy(chunk)
  }

  /** The next message, or undefined until more bytes come. */
  next(): Message | undefined {
    return this.reader.next()
  }

  /** The next value, whatever it is, or undefined until more bytes come. */
  nextChunk(): Value | undefined {
    return this.reader.nextChunk()
  }

  /** Says that the other side will send no more; throws within a message. */
  receiveEnd(): void {
    this.reader.end()
  }

  /** Queues a message, with one more entry in its header where `key` is given. */
  send(header: HeaderInit, body: Encodable, key?: string, number?: Encodable): void {
    this.writer.add(header, body, key, number)
  }

  /** Bytes to be sent, in order; large bodies are pieces of their own. */
  takeOutput(): Uint8Array[] {
    return this.writer.take()
  }

  /**
   * Throws where the other side has let a deadline pass; call it every now and then, a tenth of the shortest deadline
   * apart or less. `isReading` is false while bytes are left unread on purpose: then it is not the other side's fault.
   */
  advance(now: number, isReading: boolean): void {
    const { limits, reader } = this
    if (this.state === 'greeting' && now - this.greetingSince > limits.handshakeMs)
      throw late('ERR_PETRICHOR_HANDSHAKE_TIMEOUT', 'the handshake', limits.handshakeMs)
    const { position, buffered } = reader
    if (position !== this.seenPosition || !reader.isMidMessage || !isReading) this.messageSince = now
    else {
      const ms = now - this.messageSince
      const isTooSlow = buffered < (ms / 1000) * limits.messageBytesPerSecond
      if (ms > limits.messageMs && isTooSlow)
        throw late('ERR_PETRICHOR_MESSAGE_TIMEOUT', 'a message that has begun', limits.messageMs)
    }
    if (position === this.seenPosition && buffered === this.seenBuffered && isReading) {
      if (now - this.quietSince > limits.idleMs)
        throw late('ERR_PETRICHOR_IDLE_TIMEOUT', 'anything', limits.idleMs)
    } else this.quietSince = now
    this.seenPosition = position
    this.seenBuffered = buffered
  }

  /** Lets go of what was received and not read. */
  clear(): void {
    this.reader.clear()
  }
}

function late(
  code: 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' | 'ERR_PETRICHOR_MESSAGE_TIMEOUT' | 'ERR_PETRICHOR_IDLE_TIMEOUT',
  what: string,
  ms: number,
): PetrichorError {
  return new PetrichorError(code, `cannot go on: ${what} did not come within ${ms} ms`)
}
