import type { RemoteException, RpcGeneration } from '@cairn/hadoop-rpc'
import type { Connection } from '@cairn/transport'

/** Whom to talk to, as whom. */
export interface ClientConnectionOptions {
  readonly address: string
  readonly user: string
  readonly realUser: string | undefined
  readonly callerContext: string | undefined
  readonly protocol: string
  /** How to speak. */
  readonly generation: RpcGeneration
  /** Ids for the calls that one of today's takes in other generations. */
  nextCallId(): number
  readonly clientId: Uint8Array
  /** Makes the connection; rejects with what callers get as `cause`. */
  connect(signal: AbortSignal): Promise<Connection>
  readonly pingIntervalMs: number
  readonly idleMs: number
  /** Longest silence after the first call on a connection; undefined: calls end only by their own deadlines. */
  readonly silenceMs: number | undefined
  /** Adds a call that a live server answers at once, whatever else it works on. */
  probe(): void
  /** The server has answered a call: it speaks this generation. */
  onSpoken(): void
  /**
   * The server speaks other versions, or (`undefined`) has ended the connection without a word. True: the calls were
   * taken over with `takeCalls()`.
   */
  onOtherGeneration(refusal: RemoteException | undefined): boolean
  /** This connection will answer no more; make another for the next call. */
  onGone(): void
  /** It was open, and the server or the network ended it. */
  onLost(): void
}
