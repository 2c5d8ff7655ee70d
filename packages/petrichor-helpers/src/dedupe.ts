import { createHash } from 'node:crypto'
import {
  type Connection,
  type Header,
  type Helper,
  type HelperLink,
  type Message,
  type OutgoingMessage,
  PetrichorError,
  type Reply,
} from '@cairn/petrichor'
import { type Encodable, encodeParts } from '@cairn/tnetstrings'
import { Window } from './window.ts'

/** The window of bodies, the same at both ends of every connection that has agreed on `dd`. [petri.dedupe.4] */
export const bodyWindow = {
  /** Bodies below this size go as they are. */
  bytesMin: 1024,
  countMax: 256,
  bytesMax: 4 << 20,
} as const

export interface DedupeOptions {
  /**
   * Whose requests are repetitions of whose. Default: each connection is a peer of its own, so that nobody gets another's
   * reply; then a repetition after a reconnection runs again. Answer what the peer has proved to be: its certificate's
   * fingerprint, the user of a checked password. [petri.dedupe.2]
   */
  readonly peer?: (connection: Connection) => string | undefined
  /** Replies kept for one peer. Default 256 … */
  readonly repliesMax?: number
  /** … and their bytes. Default 1 MiB. */
  readonly replyBytesMax?: number
  /** Peers whose replies are kept; those that were quiet longest are forgotten. Default 1,024. */
  readonly peersMax?: number
}

type Replies = Window<Reply | Promise<Reply>>

/**
 * `mid`: a request with a message id that came before gets the reply that was given then, and does not run twice.
 * `dd`: a body that was sent on this connection before goes as its hash. [petri.dedupe.1] [petri.dedupe.3]
 */
export function dedupe(options: DedupeOptions = {}): Helper {
  const { repliesMax = 256, replyBytesMax = 1 << 20, peersMax = 1024 } = options
  const peers = new Map<string, Replies>()
  const repliesOf = (connection: Connection): Replies => {
    const name = options.peer?.(connection)
    if (name === undefined) return new Window(repliesMax, replyBytesMax)
    const replies = peers.get(name) ?? new Window(repliesMax, replyBytesMax)
    peers.delete(name)
    peers.set(name, replies)
    if (peers.size > peersMax) peers.delete(peers.keys().next().value!)
    return replies
  }
  return {
    names: ['mid', 'dd'],
    attach: (agreed, connection) => new DedupeLink(agreed, repliesOf(connection)),
  }
}

class DedupeLink implements HelperLink {
  private readonly sent: Window<true> | undefined
  private readonly received: Window<Uint8Array> | undefined
  private readonly replies: Replies | undefined

  constructor(agreed: readonly string[], replies: Replies) {
    if (agreed.includes('dd')) {
      this.sent = new Window(bodyWindow.countMax, bodyWindow.bytesMax)
      this.received = new Window(bodyWindow.countMax, bodyWindow.bytesMax)
    }
    if (agreed.includes('mid')) this.replies = replies
  }

  outgoing(message: OutgoingMessage): OutgoingMessage {
    const { sent } = this
    const { header, body } = message
    if (sent === undefined || !(body instanceof Uint8Array) || body.length < bodyWindow.bytesMin)
      return message
    // A header that cannot be written must fail before this end's window has the body and the other's has not.
    encodeParts(header)
    const hash = hashOf(body)
    // Both ends do the same to their windows in the same order, so they always hold the same.
    const isKnown = sent.get(hash) !== undefined
    sent.set(hash, true, body.length)
    return { header: { ...header, dd: hash }, body: isKnown ? null : body }
  }

  incoming(message: Message): Message {
    const { received } = this
    const { dd } = message.header
    if (received === undefined || dd === undefined) return message
    const { body } = message
    const bytes = body === null && typeof dd === 'string' ? received.get(dd) : body
    if (!(bytes instanceof Uint8Array))
      throw new PetrichorError(
        'ERR_PETRICHOR_HELPER',
        `cannot read a body sent as a hash: ${String(dd)} is not here`,
      )
    const hash = body === null ? (dd as string) : hashOf(bytes)
    if (hash !== dd)
      throw new PetrichorError(
        'ERR_PETRICHOR_HELPER',
        `cannot keep a body: it said ${String(dd)} and is ${hash}`,
      )
    // A copy: the view would keep the whole chunk that it came in, and its owner might change it.
    received.set(hash, body === null ? bytes : bytes.slice(), bytes.length)
    return { header: without(message.header, 'dd'), body: body === null ? bytes.slice() : bytes }
  }

  around(message: Message, handle: (message: Message) => Reply | Promise<Reply>): Reply | Promise<Reply> {
    const { mid } = message.header
    const { replies } = this
    if (replies === undefined || typeof mid !== 'string' || mid.length > midBytesMax) return handle(message)
    const before = replies.get(mid)
    if (before !== undefined) return before
    const reply = handle(message)
    if (!(reply instanceof Promise)) {
      replies.set(mid, owned(reply), sizeOf(reply))
      return reply
    }
    // While it runs, a repetition waits for the same reply. One that fails may be tried again.
    replies.set(mid, reply, 0)
    reply.then(
      (late) => replies.set(mid, owned(late), sizeOf(late)),
      () => replies.delete(mid),
    )
    return reply
  }
}

const midBytesMax = 128

/** What keeping a reply keeps alive, roughly; Infinity for one that could not be written anyway. */
function sizeOf(reply: Reply): number {
  if (reply === undefined || reply === null) return valueBytes
  const { header = {}, body = '' } = reply
  const memory = new Set<unknown>()
  return valueBytes + weight(header as Encodable, memory, 0) + weight(body, memory, 0)
}

const valueBytes = 64

function weight(value: Encodable | undefined, memory: Set<unknown>, depth: number): number {
  if (typeof value === 'string') return valueBytes + 2 * value.length
  if (typeof value !== 'object' || value === null) return valueBytes
  if (value instanceof Uint8Array) {
    // A body that is bytes is kept as a copy; views inside others keep all of their memory.
    if (depth === 0) return valueBytes + value.length
    if (memory.has(value.buffer)) return valueBytes
    memory.add(value.buffer)
    return valueBytes + value.buffer.byteLength
  }
  if (depth > 64) return Number.POSITIVE_INFINITY
  let sum = valueBytes
  for (const [key, one] of value instanceof Map ? value : Object.entries(value))
    sum += 2 * String(key).length + weight(one, memory, depth + 1)
  return sum
}

/** What is kept must not keep the chunk alive that its body is a view of. */
function owned(reply: Reply): Reply {
  if (reply === undefined || reply === null) return null
  const { body } = reply
  return body instanceof Uint8Array ? { ...reply, body: body.slice() } : reply
}

function without(header: Header, key: string): Header {
  const rest: Header = Object.setPrototypeOf({ ...header }, null)
  delete rest[key]
  return rest
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
