import type { Connection } from '@cairn/transport'

/** Whom to talk to, as whom. */
export interface ClientConnectionOptions {
  readonly address: string
  readonly user: string
  readonly realUser: string | undefined
  readonly callerContext: string | undefined
  readonly protocol: string
  readonly clientId: Uint8Array
  /** Makes the connection; rejects with what callers get as `cause`. */
  connect(signal: AbortSignal): Promise<Connection>
  readonly pingIntervalMs: number
  readonly idleMs: number
  /** Longest silence after the first call on a connection; undefined: calls end only by their own deadlines. */
  readonly silenceMs: number | undefined
  /** Adds a call that a live server answers at once, whatever else it works on. */
  probe(): void
  /** This connection will answer no more; make another for the next call. */
  onGone(): void
  /** It was open, and the server or the network ended it. */
  onLost(): void
}
