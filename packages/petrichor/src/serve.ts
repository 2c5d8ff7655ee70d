import { channel } from 'node:diagnostics_channel'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Account } from '@cairn/tnetstrings'
import { Connection, type ConnectionOptions, type Handler } from './connection.ts'
import { PetrichorError } from './errors.ts'
import { agreedNames, namesOf, withOffer } from './handshake.ts'
import type { Helper } from './helper.ts'
import { withLanding } from './landing.ts'
import type { Message, OutgoingMessage } from './message.ts'

/** What a server says to a connect message: yes or no, and the header and body of the answer. */
export type Acceptance =
  | boolean
  | {
      readonly allowed: boolean
      readonly header?: OutgoingMessage['header']
      readonly body?: OutgoingMessage['body']
    }

export interface ServeOptions extends ConnectionOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  /** Default 0: one that is free. */
  readonly port?: number | undefined
  /** A Unix socket in the place of host and port. */
  readonly path?: string | undefined
  /** Makes the listening server, where it is none of plain TCP (TLS): it calls back with each stream. */
  readonly listener?: ((onStream: (stream: Duplex) => void) => NetServer) | undefined
  /** Decides about a peer by its connect message. Default: everyone may stay. */
  readonly accept?:
    | ((connect: Message, connection: Connection) => Acceptance | Promise<Acceptance>)
    | undefined
  /** Answers each message of an allowed peer; nothing is sent where it answers undefined. */
  readonly handle?: Handler | undefined
  /** In the place of `handle`: has the connection to itself; it is closed when this resolves. */
  readonly session?: ((connection: Connection, connect: Message) => Promise<void>) | undefined
  /** Requests of one peer handled at once, where they are numbered. Default 64. */
  readonly concurrency?: number | undefined
  /** Helpers that this server has; used with peers that offer them. Numbered requests always are. */
  readonly helpers?: readonly Helper[] | undefined
  /** Connections at once. Default 10,000; one more is closed at once. [petri.limit.3] */
  readonly connectionsMax?: number | undefined
  /** Connections at once from one address. Default `connectionsMax`. [petri.limit.3] */
  readonly connectionsPerAddressMax?: number | undefined
  /** Memory for unfinished messages of all peers together. Default 256 MiB; who needs more is closed. [petri.limit.4] */
  readonly bytesMax?: number | undefined
  /** Hears what ended a connection badly: its own fault, a bad peer, or a handler that threw. */
  readonly onConnectionError?: ((error: Error, connection: Connection) => void) | undefined
}

/** A server that listens. */
export interface Server {
  /** Where; of a Unix socket `host` is its path and `port` 0. */
  readonly address: { readonly host: string; readonly port: number }
  readonly connections: ReadonlySet<Connection>
  /** Memory that unfinished messages take now. */
  readonly bytes: number
  /** Stops listening and closes every connection after what is queued for it; resolves when all are closed. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Events for tracing: `{ connection, error }` of each connection that ended badly. */
const badEnd = channel('cairn:petrichor:connection-error')

/** Listens and serves. Rejects with the system's error where it cannot listen. */
export async function serve(options: ServeOptions): Promise<Server> {
  const server = new PetrichorServer(options)
  await server.listen()
  return server
}

class PetrichorServer implements Server {
  address = { host: '', port: 0 }
  readonly connections = new Set<Connection>()
  bytes = 0
  private readonly perAddress = new Map<string, number>()
  private readonly options: ServeOptions
  private readonly listener: NetServer
  private readonly names: readonly string[]
  private readonly helpers: readonly Helper[]
  private readonly bytesMax: number

  constructor(options: ServeOptions) {
    this.options = options
    this.helpers = options.helpers ?? []
    this.names = namesOf(true, this.helpers)
    const onStream = (stream: Duplex) => this.onStream(stream)
    this.listener =
      options.listener?.(onStream) ??
      createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
        onStream(withLanding(socket)),
      )
    this.bytesMax = options.bytesMax ?? 256 << 20
  }

  /** What one connection takes of the memory of all; `close` gives back whatever it still has. */
  private account(): Account & { close(): void } {
    let own = 0
    return {
      claim: (bytes) => {
        if (this.bytes + bytes > this.bytesMax) throw outOfMemory(this.bytesMax)
        this.bytes += bytes
        own += bytes
      },
      release: (bytes) => {
        const back = Math.min(bytes, own)
        own -= back
        this.bytes -= back
      },
      close: () => {
        this.bytes -= own
        own = 0
      },
    }
  }

  listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0, path } = this.options
    return new Promise((resolve, reject) => {
      this.listener.once('error', reject)
      this.listener.listen(path === undefined ? { host, port } : { path }, () => {
        this.listener.off('error', reject)
        // Running out of descriptors refuses one peer and ends nothing.
        this.listener.on('error', () => {})
        const at = this.listener.address()
        if (typeof at === 'object' && at !== null) this.address = { host: at.address, port: at.port }
        else this.address = { host: path ?? '', port: 0 }
        resolve()
      })
    })
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()))
    await Promise.all([...this.connections].map((connection) => connection.close()))
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private onStream(stream: Duplex): void {
    const { connectionsMax = 10_000 } = this.options
    const { connectionsPerAddressMax = connectionsMax } = this.options
    const address = (stream as Partial<Socket>).remoteAddress ?? ''
    const fromThere = this.perAddress.get(address) ?? 0
    if (this.connections.size >= connectionsMax || fromThere >= connectionsPerAddressMax) {
      stream.on('error', () => {})
      stream.destroy()
      return
    }
    this.perAddress.set(address, fromThere + 1)
    const account = this.account()
    const connection = new Connection(stream, { ...this.options, account })
    this.connections.add(connection)
    connection.done.then((error) => {
      this.connections.delete(connection)
      account.close()
      const others = (this.perAddress.get(address) ?? 1) - 1
      if (others === 0) this.perAddress.delete(address)
      else this.perAddress.set(address, others)
      if (error === undefined) return
      badEnd.publish({ connection, error })
      this.options.onConnectionError?.(error, connection)
    })
    this.greet(connection).catch((error) => connection.destroy(error))
  }

  /** [petri.handshake.1] [petri.handshake.4] [petri.handshake.5] */
  private async greet(connection: Connection): Promise<void> {
    const { options } = this
    connection.greet(true)
    const connect = await connection.recv()
    if (connect === null) return connection.close()
    const said = options.accept === undefined ? true : await options.accept(connect, connection)
    const { allowed, header = {}, body = '' } = typeof said === 'boolean' ? { allowed: said } : said
    const agreed = allowed ? agreedNames(this.names, connect.header) : []
    await connection.send({ ...withOffer(header, agreed), allowed }, body)
    connection.settle(allowed, agreed, this.helpers)
    if (!allowed) return connection.close()
    if (options.session !== undefined) {
      await options.session(connection, connect)
      await connection.close()
    } else connection.handle(options.handle ?? ignore, options.concurrency ?? 64)
  }
}

const ignore = () => undefined

function outOfMemory(most: number): PetrichorError {
  const said = `cannot read a message: unfinished ones of all peers would take more than ${most} bytes`
  return new PetrichorError('ERR_PETRICHOR_MEMORY', said)
}
