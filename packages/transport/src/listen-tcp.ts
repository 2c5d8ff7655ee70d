import { createServer, type Server, Socket } from 'node:net'
import type { Connection, ConnectionOptions } from './connection.ts'
import { backlogDefault } from './limits.ts'
import { ReadHook, TcpConnection } from './tcp-connection.ts'
import { TransportError, transportError } from './transport-error.ts'

/** Where to listen and who gets the connections. */
export interface ListenTcpOptions extends ConnectionOptions {
  /** Default 127.0.0.1: nothing leaves the machine unless told. */
  readonly host?: string
  /** 0 takes a free port. */
  readonly port: number
  /** Called for every accepted connection; it reads nothing until `start()`. What it throws closes that connection. */
  onConnection(connection: Connection): void
  /** Faults that concern no connection (no more file descriptors) and refused connections. */
  onError?(error: TransportError): void
  /** Open connections beyond which new ones are closed at once. Default: no limit. */
  readonly maxConnections?: number
  readonly backlog?: number
}

/** A listening port. */
export interface Listener extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Connections accepted here that are still open. */
  readonly connections: number
  /** Accepts no more. Open connections live on. */
  close(): Promise<void>
}

/** Listens. Rejects with `TransportError` (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`). */
export function listenTcp(options: ListenTcpOptions): Promise<Listener> {
  const host = options.host ?? '127.0.0.1'
  const address = `${host}:${options.port}`
  const open = new Set<Connection>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true })
  server.on('connection', (socket) => accept(socket, options, open, address))
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(transportError('listen on', address, error))
    server.on('error', refused)
    try {
      server.listen({ host, port: options.port, backlog: options.backlog ?? backlogDefault })
    } catch (error) {
      reject(transportError('listen on', address, error))
      return
    }
    server.on('listening', () => {
      server.off('error', refused)
      server.on('error', (error) => options.onError?.(transportError('accept on', address, error)))
      resolve(listener(server, host, open))
    })
  })
}

function accept(accepted: Socket, options: ListenTcpOptions, open: Set<Connection>, address: string): void {
  accepted.on('error', () => {
    // Broken before anyone read from it: its close says all there is to say.
  })
  if (options.maxConnections !== undefined && open.size >= options.maxConnections) {
    accepted.destroy()
    options.onError?.(
      new TransportError(
        'ERR_TRANSPORT_CONNECTIONS',
        `accept on ${address}: ${open.size} connections are open; the limit is ${options.maxConnections}`,
        { address },
      ),
    )
    return
  }
  const hook = new ReadHook()
  const connection = new TcpConnection(withOnread(accepted, hook), hook, options)
  open.add(connection)
  void connection.done.then(() => open.delete(connection))
  try {
    options.onConnection(connection)
  } catch (error) {
    connection.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/**
 * An accepted socket has no `onread`: Node takes that option only where a socket is made. So its handle moves to
 * a new socket, the way node:child_process moves one between processes.
 */
function withOnread(accepted: Socket, hook: ReadHook): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle')
  Reflect.set(accepted, '_handle', null)
  // Without its handle, destroying only takes it out of the server's count.
  accepted.destroy()
  const made = { handle, allowHalfOpen: true, pauseOnCreate: true, onread: hook.onread }
  return new Socket(made)
}

function listener(server: Server, host: string, open: ReadonlySet<Connection>): Listener {
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => server.close(() => resolve()))
    return closing
  }
  return {
    host,
    port,
    get connections() {
      return open.size
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
