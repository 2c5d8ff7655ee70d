import type { Duplex } from 'node:stream'
import type { Dict, Encodable } from '@cairn/tnetstrings'
import { Connection, type ConnectionOptions } from './connection.ts'
import { PetrichorError } from './errors.ts'
import { type Helper, offered } from './helper.ts'
import type { Header, HeaderInit, Message } from './message.ts'

/** How a client shakes hands. */
export interface HandshakeOptions extends ConnectionOptions {
  /** For connecting and the handshake together. Default 20 s, as the seed has it. [petri.deadline.1] */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Offers to number requests, so that answers may come in any order. Default false: the header goes as it is. */
  readonly correlate?: boolean | undefined
  /** Helpers to offer. */
  readonly helpers?: readonly Helper[] | undefined
  /** Rejects with `ERR_PETRICHOR_DENIED` unless the answer says `allowed` and true. Default false. */
  readonly requireAllowed?: boolean | undefined
}

/** A connection and the answer to its first message. */
export interface Connected extends Message {
  readonly conn: Connection
}

/** The seed's 20 seconds. */
export const connectTimeoutMs = 20_000

/**
 * Whether the answer to a connect message lets this side stay: yes where `allowed` is missing, as the seed has it, and
 * otherwise only for true. With `strict` a missing one is a no. [petri.handshake.2] [petri.handshake.3]
 */
export function connectAllowed(header: Header, options: { readonly strict?: boolean } = {}): boolean {
  const { allowed } = header
  return allowed === true || (allowed === undefined && options.strict !== true)
}

/** Names that this side can offer. */
export function namesOf(correlate: boolean, helpers: readonly Helper[]): string[] {
  const names = correlate ? ['id'] : []
  for (const helper of helpers) names.push(...helper.names)
  return names
}

/** `header` with the offer in it, where there is one; the caller's header is never changed. [petri.helper.1] */
export function withOffer(header: HeaderInit, names: readonly string[]): HeaderInit {
  return names.length === 0 ? header : { ...header, can: names as readonly Encodable[] }
}

/** What both sides have named, in this side's order. */
export function agreedNames(own: readonly string[], header: Dict): string[] {
  const theirs = own.length === 0 ? [] : offered(header)
  return own.filter((name) => theirs.includes(name))
}

/** Sends the connect message over a stream that is open, and waits for the answer. [petri.handshake.1] */
export async function handshake(
  stream: Duplex,
  header: HeaderInit,
  body: Encodable = '',
  options: HandshakeOptions = {},
): Promise<Connected> {
  const { helpers = [], correlate = false, timeoutMs = connectTimeoutMs } = options
  const names = namesOf(correlate, helpers)
  const conn = new Connection(stream, {
    ...options,
    limits: { ...options.limits, handshakeMs: options.limits?.handshakeMs ?? timeoutMs },
  })
  try {
    conn.greet(false)
    await conn.send(withOffer(header, names), body)
    const answer = await conn.recv({ signal: options.signal })
    if (answer === null)
      throw new PetrichorError(
        'ERR_PETRICHOR_CLOSED_BEFORE_REPLY',
        'cannot connect: the server closed the connection without an answer',
      )
    if (options.requireAllowed && !connectAllowed(answer.header, { strict: true }))
      throw new DeniedError(answer)
    const isAllowed = connectAllowed(answer.header)
    conn.settle(isAllowed, isAllowed ? agreedNames(names, answer.header) : [], helpers)
    return { conn, header: answer.header, body: answer.body }
  } catch (error) {
    conn.destroy()
    throw error
  }
}

/** The server has said no; `answer` is how. */
export class DeniedError extends PetrichorError {
  readonly answer: Message
  constructor(answer: Message) {
    super('ERR_PETRICHOR_DENIED', 'cannot connect: the server denied it')
    this.answer = answer
  }
}
