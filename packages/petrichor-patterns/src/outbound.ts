import type { Connection, HeaderInit, OutgoingMessage } from '@cairn/petrichor'
import { BoundedQueue, type WhenFull } from './bounded-queue.ts'

/** Bodies that wait for one slow peer, bytes; what a message without a body counts. */
const queueBytesMax = 16 << 20
const messageBytes = 256

/**
 * Messages for one peer that may be slow: sent while it keeps up, queued up to a bound while it does not, dropped beyond.
 * The next message that does go carries how many were dropped before it (`lost`). [petri.pattern.1]
 */
export class Outbound {
  readonly connection: Connection
  private readonly queue: BoundedQueue<OutgoingMessage>
  private isWaiting = false
  private toldDropped = 0

  constructor(connection: Connection, queueMax: number, whenFull: WhenFull) {
    this.connection = connection
    this.queue = new BoundedQueue(queueMax, whenFull, queueBytesMax)
  }

  /** Messages that wait. */
  get queued(): number {
    return this.queue.size
  }

  /** Messages dropped so far. */
  get dropped(): number {
    return this.queue.dropped
  }

  /** Sends now, later or never; answers false where a message was dropped for it. */
  send(message: OutgoingMessage): boolean {
    if (this.connection.closed) return false
    if (!this.isWaiting && !this.connection.isCongested) {
      this.pass(message)
      return true
    }
    const before = this.queue.dropped
    const kept = owned(message)
    this.queue.push(kept, kept.body instanceof Uint8Array ? kept.body.length + messageBytes : messageBytes)
    this.waitForRoom()
    return this.queue.dropped === before
  }

  private pass({ header, body }: OutgoingMessage): void {
    const lost = this.queue.dropped - this.toldDropped
    this.toldDropped = this.queue.dropped
    const told: HeaderInit = lost === 0 ? header : { ...header, lost }
    // A connection that breaks tells it to whoever serves it.
    this.connection.send(told, body).catch(() => {})
  }

  private waitForRoom(): void {
    if (this.isWaiting) return
    this.isWaiting = true
    void this.drain()
  }

  private async drain(): Promise<void> {
    const { connection, queue } = this
    while (queue.size > 0 && !connection.closed) {
      await connection.ready()
      if (connection.closed) break
      this.pass(queue.shift()!)
    }
    this.isWaiting = false
  }
}

/** A small view must not keep the large piece alive that it came in. */
function owned(message: OutgoingMessage): OutgoingMessage {
  const { header, body } = message
  if (!(body instanceof Uint8Array) || body.buffer.byteLength < 2 * body.length + 4096) return message
  return { header, body: body.slice() }
}
