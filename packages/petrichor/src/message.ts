import type { Dict, Encodable, Value } from '@cairn/tnetstrings'

/** A header as it is read: no prototype; strings that are UTF-8 are text unless the connection says otherwise. */
export type Header = Dict

/** One message as it is read. */
export interface Message {
  readonly header: Header
  readonly body: Value
}

/** A header to be sent. Keys that are `undefined` are left out. */
export type HeaderInit = { readonly [key: string]: Encodable | undefined }

/** A message to be sent. */
export interface OutgoingMessage {
  readonly header: HeaderInit
  readonly body: Encodable
}

/** Keys of headers that this package and its helpers give a meaning to. A plain peer may ignore them all. */
export const headerKeys = {
  /** In the server's first header: whether the peer may stay. [petri.handshake.2] */
  allowed: 'allowed',
  /** In both first headers: helpers that this side has. [petri.helper.1] */
  can: 'can',
  /** In a request: its number, where both sides can `id`. [petri.correlate.1] */
  id: 'id',
  /** In an answer: the number of the request. [petri.correlate.1] */
  re: 're',
} as const

/** A header's string as text, whether it was read as text or as bytes; undefined where it is no string. */
export function headerText(header: Header, key: string): string | undefined {
  const value = header[key]
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? decoder.decode(value) : undefined
}

/** A body's bytes as text; a body that is no string is undefined. */
export function bodyText(body: Value | undefined): string | undefined {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? decoder.decode(body) : undefined
}

const decoder = new TextDecoder()
