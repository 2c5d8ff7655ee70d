import type { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect, createServer, type ConnectionOptions as TlsConnectOptions, type TlsOptions } from 'node:tls'
import {
  type Connected,
  connectStream,
  type Encodable,
  type HandshakeOptions,
  type HeaderInit,
  type ServeOptions,
  type Server,
  serve,
} from '@cairn/petrichor'

/** The name of Petrichor in TLS's own negotiation (ALPN). [petri.tls.2] */
export const alpnProtocol = 'petrichor/1'

/** What a client needs of TLS beyond the defaults: `ca`, and `cert` and `key` where the server asks for them. */
export type TlsClientOptions = Omit<TlsConnectOptions, 'host' | 'port' | 'path' | 'socket' | 'ALPNProtocols'>

/**
 * `connect` over TLS 1.2 or newer. The server's certificate and name are checked unless `tls.rejectUnauthorized` is
 * false. [petri.tls.1]
 */
export function connectTls(
  host: string,
  port: number,
  tls: TlsClientOptions,
  header: HeaderInit,
  body: Encodable = '',
  options: HandshakeOptions = {},
): Promise<Connected> {
  const open = () => {
    const socket = connect({
      servername: /^[\d.]+$|:/.test(host) ? '' : host,
      minVersion: 'TLSv1.2',
      ...tls,
      host,
      port,
      ALPNProtocols: [alpnProtocol],
    })
    return socket.setNoDelay(true)
  }
  return connectStream(open, 'secureConnect', header, body, options)
}

/** What a server needs of TLS: `cert` and `key`; for mutual TLS `ca` and `requestCert`. */
export type TlsServerOptions = Omit<TlsOptions, 'ALPNProtocols' | 'ALPNCallback'>

/**
 * `serve` over TLS 1.2 or newer. With `requestCert` a client without a good certificate is refused, unless
 * `rejectUnauthorized` is false. [petri.tls.1] [petri.tls.3]
 */
export function serveTls(tls: TlsServerOptions, options: ServeOptions): Promise<Server> {
  const { handshakeMs = 10_000 } = options.limits ?? {}
  const listener = (onStream: (stream: Duplex) => void): NetServer => {
    const server = createServer(
      {
        minVersion: 'TLSv1.2',
        handshakeTimeout: handshakeMs,
        ...tls,
        noDelay: true,
        ALPNProtocols: [alpnProtocol],
      },
      onStream,
    )
    // A client that never finishes TLS is not seen by `onStream`, but counts.
    server.maxConnections = options.connectionsMax ?? 10_000
    // A bad handshake is that client's affair.
    return server.on('tlsClientError', (_error, socket) => socket.destroy())
  }
  return serve({ ...options, listener })
}
