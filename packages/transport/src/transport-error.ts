export interface TransportErrorOptions {
  /** `host:port` that was dialled or talked to. */
  address?: string
  /** What the user can do about it. */
  hint?: string | undefined
  cause?: unknown
}

/**
 * A connection could not be made or broke. `code` is the operating system's (`ECONNREFUSED`, `ETIMEDOUT`,
 * `ECONNRESET`, `ENOTFOUND`, `EADDRINUSE`, …) or `ERR_TRANSPORT_CLOSED` when this side had closed it.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code: string
  readonly address: string | undefined
  readonly hint: string | undefined

  constructor(code: string, message: string, options: TransportErrorOptions = {}) {
    super(
      options.hint === undefined ? message : `${message}; ${options.hint}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.address = options.address
    this.hint = options.hint
  }
}

const meanings: ReadonlyMap<string, { readonly found: string; readonly hint?: string }> = new Map([
  [
    'ECONNREFUSED',
    { found: 'connection refused', hint: 'nothing listens there: is the server up, is this its port?' },
  ],
  [
    'ETIMEDOUT',
    { found: 'no answer in time', hint: 'the host is down, or something drops packets on the way to it' },
  ],
  ['ENOTFOUND', { found: 'no such host name', hint: 'check the spelling, the resolver and /etc/hosts' }],
  ['EAI_AGAIN', { found: 'the name server did not answer', hint: 'check the network and the resolver' }],
  ['EHOSTUNREACH', { found: 'no route to the host', hint: 'check the address and the network' }],
  ['ENETUNREACH', { found: 'no route to the network', hint: 'check the address and the network' }],
  ['ECONNRESET', { found: 'connection reset by the peer' }],
  ['EPIPE', { found: 'the peer has closed the connection' }],
  [
    'EADDRINUSE',
    { found: 'the port is taken', hint: 'another process listens there; port 0 takes a free one' },
  ],
  ['EADDRNOTAVAIL', { found: 'not an address of this machine', hint: 'listen on 127.0.0.1 or 0.0.0.0' }],
  ['EACCES', { found: 'not permitted', hint: 'ports below 1024 need privileges' }],
  ['EMFILE', { found: 'too many open files', hint: 'raise the limit (ulimit -n)' }],
])

/** The `code` of a system error, or `undefined` when the value is something else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** A system error as a `TransportError` that says what was attempted, where, and what to do. */
export function transportError(
  attempted: string,
  address: string,
  error: unknown,
  hints?: Readonly<Record<string, string>>,
): TransportError {
  if (error instanceof TransportError) return error
  const code = systemErrorCode(error) ?? 'ERR_TRANSPORT_FAILED'
  const meaning = meanings.get(code)
  const found = meaning?.found ?? (error instanceof Error ? error.message : String(error))
  return new TransportError(code, `${attempted} ${address}: ${found} (${code})`, {
    address,
    hint: hints?.[code] ?? meaning?.hint,
    cause: error,
  })
}
