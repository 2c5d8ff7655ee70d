import { connect, type Socket } from 'node:net'
import type { Connection, ConnectionOptions } from './connection.ts'
import { connectTimeoutMsDefault } from './limits.ts'
import { ReadHook, TcpConnection } from './tcp-connection.ts'
import { type TransportError, transportError } from './transport-error.ts'

/** Where and how to connect. */
export interface ConnectTcpOptions extends ConnectionOptions {
  readonly host: string
  readonly port: number
  /** Aborting rejects with `signal.reason` and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined
  /** For name resolution and connecting together. Default 20 s; 0 waits as long as the system does. */
  readonly timeoutMs?: number | undefined
  /** Send small writes at once (TCP_NODELAY). Default true: writes are joined here already. */
  readonly noDelay?: boolean
  /** Let the system probe an idle peer (SO_KEEPALIVE). Default true. */
  readonly keepAlive?: boolean
  /** Advice by error code that replaces the general one, such as which port the service has. */
  readonly hints?: Readonly<Record<string, string>>
}

/** Connects. Rejects with `TransportError` (`ECONNREFUSED`, `ETIMEDOUT`, `ENOTFOUND`, …) or `signal.reason`. */
export function connectTcp(options: ConnectTcpOptions): Promise<Connection> {
  const { host, port, signal, hints } = options
  const timeoutMs = options.timeoutMs ?? connectTimeoutMsDefault
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const hook = new ReadHook()
    let socket: Socket
    try {
      socket = connect({
        host,
        port,
        noDelay: options.noDelay ?? true,
        keepAlive: options.keepAlive ?? true,
        allowHalfOpen: true,
        onread: hook.onread,
      })
    } catch (error) {
      // A port outside 0..65535 throws here instead of failing later.
      reject(transportError('connect to', address, error, hints))
      return
    }
    // Nothing may be read before start().
    socket.pause()
    const timer = timeoutMs > 0 ? setTimeout(() => fail(timeout()), timeoutMs) : undefined
    const timeout = (): TransportError =>
      transportError('connect to', address, { code: 'ETIMEDOUT', message: `${timeoutMs} ms passed` }, hints)
    const aborted = (): void => fail(signal?.reason)
    const onError = (error: Error): void => fail(transportError('connect to', address, error, hints))
    const release = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      socket.off('error', onError)
      socket.off('connect', connected)
    }
    const fail = (reason: unknown): void => {
      release()
      // An error after this has nobody to hear it.
      socket.on('error', () => {})
      socket.destroy()
      reject(reason)
    }
    const connected = (): void => {
      release()
      resolve(new TcpConnection(socket, hook, options))
    }
    signal?.addEventListener('abort', aborted, { once: true })
    socket.on('error', onError)
    socket.on('connect', connected)
  })
}
