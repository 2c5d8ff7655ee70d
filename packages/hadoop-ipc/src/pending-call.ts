import type { MessageCodec } from '@cairn/hadoop-proto'

/** A call that waits for its answer. */
export interface PendingCall {
  readonly callId: number
  readonly retryCount: number
  readonly method: string
  readonly requestCodec: MessageCodec<unknown>
  readonly responseCodec: MessageCodec<unknown>
  readonly request: unknown
  /** By `performance.now()`. */
  readonly deadlineMs: number
  readonly startMs: number
  readonly signal: AbortSignal | undefined
  resolve(response: unknown): void
  reject(reason: unknown): void
  /** Handed to the socket: from now on the server may run it. */
  sent: boolean
  onAbort: (() => void) | undefined
}
