import type { Dict, Value } from '@cairn/tnetstrings'
import type { Connection } from './connection.ts'
import type { Message, OutgoingMessage } from './message.ts'

/**
 * A convention about headers that both sides may have: compression, dedupe. It is offered by name in the connect header
 * (`can`) and used only when the other side has named it too, so a plain peer never meets it. [petri.helper.1]
 */
export interface Helper {
  /** Words for `can`, best first. */
  readonly names: readonly string[]
  /** Called when both sides have at least one of the names; `agreed` keeps this side's order. */
  attach(agreed: readonly string[], connection: Connection): HelperLink
}

/** What a helper does on one connection. Whatever it throws closes that connection. */
export interface HelperLink {
  /** Changes a message on its way out. Messages keep their order although one takes longer. */
  outgoing?(message: OutgoingMessage): OutgoingMessage | Promise<OutgoingMessage>
  /** Changes a message on its way in. */
  incoming?(message: Message): Message | Promise<Message>
  /** At a server, around the handler of each request. */
  around?(message: Message, handle: (message: Message) => Reply | Promise<Reply>): Reply | Promise<Reply>
  /** The connection is closed. */
  close?(): void
}

/** What a handler answers a request with: parts of a message, or nothing at all. */
export type Reply =
  | { readonly header?: OutgoingMessage['header']; readonly body?: OutgoingMessage['body'] }
  | undefined
  | null

/** The name under which requests in flight are numbered. */
export const correlation = 'id'

/** The words of `can` in a header: a list of strings; anything else is no offer. */
export function offered(header: Dict): string[] {
  const { can } = header
  if (!Array.isArray(can)) return []
  return can.map(wordOf).filter((word) => word !== undefined)
}

const decoder = new TextDecoder()

function wordOf(value: Value): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? decoder.decode(value) : undefined
}
