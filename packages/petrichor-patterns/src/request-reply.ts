import { randomUUID } from 'node:crypto'
import {
  type Connected,
  type Connection,
  type Encodable,
  type HeaderInit,
  type Message,
  PetrichorError,
} from '@cairn/petrichor'

export interface RequesterOptions {
  /** Opens a connection; called again when the one before is lost. */
  readonly open: (signal: AbortSignal | undefined) => Promise<Connected>
  /** For one attempt. Default 10 s. */
  readonly timeoutMs?: number
  /** Attempts of one request, on as many connections. Default 3. */
  readonly attemptsMax?: number
  /** Wait before the second attempt; twice as long before each further one. Default 50 ms. */
  readonly backoffMs?: number
}

/**
 * Requests that outlive a connection: one that is lost or silent is opened again and the request repeated with the same
 * message id (`mid`), so that a server with dedupe runs it once. [petri.pattern.5]
 */
export class Requester {
  private readonly options: RequesterOptions
  private opening: Promise<Connection> | undefined
  /** The connection that `opening` has become. */
  private current: Connection | undefined
  private isClosed = false

  constructor(options: RequesterOptions) {
    this.options = options
  }

  /** The answer; rejects with the last attempt's error, or with the signal's reason. */
  async request(
    header: HeaderInit,
    body: Encodable = '',
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Message> {
    const { timeoutMs = 10_000, attemptsMax = 3, backoffMs = 50 } = this.options
    const { signal } = options
    const message = { mid: randomUUID(), ...header }
    let last: unknown
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      signal?.throwIfAborted()
      if (this.isClosed) throw new PetrichorError('ERR_PETRICHOR_CLOSED', 'cannot send a request: closed')
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, backoffMs * 2 ** (attempt - 1)))
      let connection: Connection | undefined
      try {
        connection = await this.connection(signal)
        const answer = await connection.request(message, body, { signal, timeoutMs })
        if (answer !== null) return answer
        last = new PetrichorError('ERR_PETRICHOR_CLOSED', 'cannot wait for an answer: the server has ended')
      } catch (error) {
        signal?.throwIfAborted()
        last = error
      }
      // Silent counts as lost: what comes on it later would be for nobody.
      this.forget(connection)
    }
    throw last
  }

  /** Closes the connection there is. */
  async close(): Promise<void> {
    this.isClosed = true
    const opening = this.opening
    this.opening = undefined
    await opening?.then((connection) => connection.close()).catch(() => {})
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private connection(signal: AbortSignal | undefined): Promise<Connection> {
    this.opening ??= this.options.open(signal).then(({ conn }) => {
      this.current = conn
      conn.done.then(() => this.forget(conn))
      return conn
    })
    const { opening } = this
    opening.catch(() => {
      if (this.opening === opening) this.opening = undefined
    })
    return opening
  }

  private forget(connection: Connection | undefined): void {
    if (connection === undefined) return
    connection.destroy()
    if (this.current !== connection) return
    this.current = undefined
    this.opening = undefined
  }
}
