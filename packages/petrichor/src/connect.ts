import { connect as connectTcp, type NetConnectOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Encodable } from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import { type Connected, connectTimeoutMs, type HandshakeOptions, handshake } from './handshake.ts'
import { Landing, useLanding } from './landing.ts'
import type { HeaderInit } from './message.ts'

/**
 * The seed's `connect`: opens a TCP connection, sends the connect message and waits for the answer. A denial is no error:
 * ask `connectAllowed(header)`. Rejects with the system's error, `ERR_PETRICHOR_CLOSED_BEFORE_REPLY`,
 * `ERR_PETRICHOR_HANDSHAKE_TIMEOUT` or what was wrong with the answer. [petri.handshake.1]
 */
export function connect(
  host: string,
  port: number,
  header: HeaderInit,
  body: Encodable = '',
  options: HandshakeOptions = {},
): Promise<Connected> {
  const open = () => openSocket({ host, port, noDelay: true })
  return connectStream(open, 'connect', header, body, options)
}

/** The same over a Unix socket. */
export function connectUnix(
  path: string,
  header: HeaderInit,
  body: Encodable = '',
  options: HandshakeOptions = {},
): Promise<Connected> {
  return connectStream(() => openSocket({ path }), 'connect', header, body, options)
}

function openSocket(where: NetConnectOpts): Duplex {
  const landing = new Landing()
  return useLanding(connectTcp({ ...where, onread: landing.onread }), landing)
}

/** The same over a stream that `open` begins to open, and that says so with the event `ready`. */
export async function connectStream(
  open: () => Duplex,
  ready: string,
  header: HeaderInit,
  body: Encodable = '',
  options: HandshakeOptions = {},
): Promise<Connected> {
  const { signal, timeoutMs = connectTimeoutMs } = options
  signal?.throwIfAborted()
  const from = performance.now()
  const stream = open()
  await opened(stream, ready, timeoutMs, signal)
  const left = Math.max(1, timeoutMs - (performance.now() - from))
  return handshake(stream, header, body, { ...options, timeoutMs: left })
}

function opened(
  stream: Duplex,
  ready: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const said = `cannot connect: no connection within ${timeoutMs} ms`
      finish(new PetrichorError('ERR_PETRICHOR_HANDSHAKE_TIMEOUT', said))
    }, timeoutMs)
    const onAbort = () => finish(signal?.reason)
    const finish = (error?: unknown) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      stream.off('error', finish)
      stream.off(ready, onReady)
      if (error === undefined) resolve()
      else {
        // A second error of a stream that is given up would be nobody's.
        stream.on('error', () => {})
        stream.destroy()
        reject(error)
      }
    }
    const onReady = () => finish()
    signal?.addEventListener('abort', onAbort, { once: true })
    stream.on('error', finish)
    stream.on(ready, onReady)
  })
}
