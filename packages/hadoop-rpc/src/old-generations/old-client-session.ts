import type { ByteWriter } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { BufferedClientSession } from '../buffered-client-session.ts'
import { frameLengthBytes } from '../framing.ts'
import type { RemoteException } from '../remote-exception.ts'
import { rpcMagic } from '../rpc-constants.ts'
import type { ClientSessionEvents } from '../session.ts'
import { pingLength } from './constants.ts'

/** One whole answer: where its value lies, or why there is none. */
export type OldAnswer =
  | { readonly callId: number; readonly start: number; readonly end: number }
  | {
      readonly callId: number
      readonly error: RemoteException
      readonly fatal: boolean
      readonly end: number
    }

/**
 * What the client ends of generations before 9 share: calls in frames, answers without, so that only a parser finds where
 * an answer ends; a ping where a length would be; no client id and no retry count, so a repeated call is a new one.
 */
export abstract class OldClientSession extends BufferedClientSession {
  /** `preamble` is what follows "hrpc"; `writeContext` writes the frame behind it. Both leave with the first call. */
  constructor(options: {
    readonly events: ClientSessionEvents
    readonly preamble: readonly number[]
    readonly writeContext: (output: ByteWriter) => void
    readonly answerBytesMax: number
  }) {
    super(options.events, options.answerBytesMax)
    this.writer.bytes(rpcMagic)
    for (const byte of options.preamble) this.writer.u8(byte)
    const at = this.writer.reserve(frameLengthBytes)
    options.writeContext(this.writer)
    this.closeFrame(this.writer, at)
  }

  /** Writes a call's frame without its length. */
  protected abstract writeCall<Q>(
    output: ByteWriter,
    callId: number,
    method: string,
    codec: MessageCodec<Q>,
    request: Q,
  ): void

  /** Reads the answer that begins at `at`; undefined when it has not arrived whole. */
  protected abstract readAnswer(bytes: Uint8Array, at: number): OldAnswer | undefined

  /** The retry count stays here: these generations have no place for it. */
  call<Q>(callId: number, _retryCount: number, method: string, codec: MessageCodec<Q>, request: Q): void {
    const output = this.writer
    const at = output.reserve(frameLengthBytes)
    try {
      this.writeCall(output, callId, method, codec, request)
    } catch (error) {
      // Half of a message must not reach the server.
      output.truncate(at)
      throw error
    }
    this.closeFrame(output, at)
  }

  ping(): void {
    this.writer.i32be(pingLength)
  }

  protected takeAnswer(bytes: Uint8Array, at: number): number {
    const answer = this.readAnswer(bytes, at)
    if (answer === undefined) return -1
    if (!('error' in answer)) this.events.onResponse(answer.callId, bytes, answer.start, answer.end)
    else if (answer.fatal) this.refused(answer.error)
    else this.events.onError(answer.callId, answer.error)
    return answer.end
  }
}
