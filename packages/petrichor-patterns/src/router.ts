import {
  type Connection,
  type HeaderInit,
  headerText,
  type Message,
  type ServeOptions,
  type Server,
  serve,
} from '@cairn/petrichor'
import { Outbound } from './outbound.ts'

export interface RouterOptions extends Omit<ServeOptions, 'handle' | 'session' | 'accept'> {
  /**
   * The name that a peer may have, or undefined to deny it. Default: the `user` of its connect header, which proves
   * nothing: check it where peers are not friends.
   */
  readonly nameOf?: (
    connect: Message,
    connection: Connection,
  ) => string | undefined | Promise<string | undefined>
  /** Messages that wait for one slow peer. Default 1,000. */
  readonly queueMax?: number
}

/**
 * A hub of named peers: a message with `to` goes to the peer of that name with `from` in its header, which only the
 * router sets. Whom it cannot reach, and what it had to drop, the sender is told. [petri.pattern.4]
 */
export class Router {
  private readonly server: Server
  private readonly peers: Map<string, Outbound>

  private constructor(server: Server, peers: Map<string, Outbound>) {
    this.server = server
    this.peers = peers
  }

  static async listen(options: RouterOptions = {}): Promise<Router> {
    const { nameOf = ({ header }) => headerText(header, 'user'), queueMax = 1000, ...serving } = options
    const peers = new Map<string, Outbound>()
    /** Names in use, also of peers that have not read their answer yet. */
    const names = new Map<string, Connection>()
    const users = new WeakMap<Connection, string>()
    const server = await serve({
      ...serving,
      async accept(connect, connection) {
        const name = await nameOf(connect, connection)
        if (name === undefined) return { allowed: false, body: 'you may not be here' }
        if (names.has(name)) return { allowed: false, body: 'there is one of that name' }
        names.set(name, connection)
        connection.done.then(() => names.delete(name))
        users.set(connection, name)
        return true
      },
      async session(connection) {
        const name = users.get(connection)!
        peers.set(name, new Outbound(connection, queueMax, 'drop-newest'))
        connection.done.then(() => peers.delete(name))
        for await (const message of connection) route(peers, name, message)
      },
    })
    return new Router(server, peers)
  }

  get address(): Server['address'] {
    return this.server.address
  }

  /** Names of the peers that are here. */
  get names(): string[] {
    return [...this.peers.keys()]
  }

  close(): Promise<void> {
    return this.server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function route(peers: ReadonlyMap<string, Outbound>, from: string, { header, body }: Message): void {
  const to = headerText(header, 'to')
  const target = to === undefined ? undefined : peers.get(to)
  const { to: _to, from: _from, ...rest } = header
  const sent = target?.send({ header: { ...rest, from } as HeaderInit, body })
  if (sent === true) return
  const error = target === undefined ? 'no such peer' : 'the peer is too slow'
  peers.get(from)?.send({ header: { ...rest, to, error } as HeaderInit, body: '' })
}
