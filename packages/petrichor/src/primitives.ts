import type { Duplex } from 'node:stream'
import type { Encodable, Value } from '@cairn/tnetstrings'
import { Connection } from './connection.ts'
import type { HeaderInit, Message } from './message.ts'
import type { EOF, WaitOptions } from './waiters.ts'

/** A connection, or a stream that becomes one the first time that it is used. */
export type Conn = Connection | Duplex

const connections = new WeakMap<Duplex, Connection>()

/** The connection over a stream, always the same one. */
export function connectionOf(conn: Conn): Connection {
  if (conn instanceof Connection) return conn
  let connection = connections.get(conn)
  if (connection === undefined) {
    connection = new Connection(conn)
    connections.set(conn, connection)
  }
  return connection
}

/** `read_chunk`: one value, or `EOF` where the other side has ended. [petri.chunk.1] */
export function readChunk(conn: Conn, options?: WaitOptions): Promise<Value | typeof EOF> {
  return connectionOf(conn).readChunk(options)
}

/** `recv`: header and body, or null where the other side has ended between messages. [petri.recv.1] */
export function recv(conn: Conn, options?: WaitOptions): Promise<Message | null> {
  return connectionOf(conn).recv(options)
}

/** `send`: resolves when there is room for more. [petri.send.1] */
export function send(conn: Conn, header: HeaderInit, body: Encodable = ''): Promise<void> {
  return connectionOf(conn).send(header, body)
}

/** `accept`: the client's first message; who calls it answers with `peerAllowed` or `peerDenied`. [petri.handshake.1] */
export function accept(conn: Conn, options?: WaitOptions): Promise<Message | null> {
  const connection = connectionOf(conn)
  connection.greet(true)
  return connection.recv(options)
}

/** `peer_allowed`: the answer that lets the client stay. The header is copied, not changed. [petri.handshake.4] */
export function peerAllowed(conn: Conn, header: HeaderInit, body: Encodable = ''): Promise<void> {
  const connection = connectionOf(conn)
  connection.settle(true)
  return connection.send({ ...header, allowed: true }, body)
}

/** `peer_denied`: the answer that sends the client away. The server closes afterwards. [petri.handshake.4] [petri.handshake.5] */
export function peerDenied(conn: Conn, header: HeaderInit, body: Encodable = ''): Promise<void> {
  const connection = connectionOf(conn)
  connection.settle(false)
  return connection.send({ ...header, allowed: false }, body)
}

/** `request`: sends a message and answers the next one; null where the other side ended instead. */
export function request(
  conn: Conn,
  header: HeaderInit,
  body: Encodable = '',
  options?: WaitOptions,
): Promise<Message | null> {
  return connectionOf(conn).request(header, body, options)
}
