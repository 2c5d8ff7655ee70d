import type { MessageCodec } from '@cairn/hadoop-proto'
import type { RpcMethod } from './rpc-method.ts'

/** A call that waits for its answer. */
export interface PendingCall {
  readonly callId: number
  readonly retryCount: number
  readonly method: RpcMethod<unknown, unknown>
  readonly request: unknown
  /** What the answer is decoded with: the method's, or that of the generation that the server speaks. */
  answerCodec: MessageCodec<unknown>
  /**
   * - `today`: said in the words of the server's generation;
   * - `verbatim`: said as it is, whatever the generation;
   * - `part`: one of several calls that another stands for; it lives and ends with this connection.
   */
  readonly kind: 'today' | 'verbatim' | 'part'
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
