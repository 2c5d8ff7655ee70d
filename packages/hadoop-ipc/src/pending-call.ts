import type { MessageCodec } from '@cairn/hadoop-proto'

/** A call that waits for its answer. */
export interface PendingCall {
  readonly callId: number
  readonly retryCount: number
  readonly method: string
  readonly requestCodec: MessageCodec<unknown>
  readonly responseCodec: MessageCodec<unknown>
  readonly request: unknown
  /** What the answer is decoded with: `responseCodec`, or that of the generation that the server speaks. */
  answerCodec: MessageCodec<unknown>
  /** One of several calls that another stands for; it lives and ends with this connection. */
  readonly part: boolean
  /** Said as it is, whatever the generation. */
  readonly verbatim: boolean
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
