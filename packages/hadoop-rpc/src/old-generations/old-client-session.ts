import { ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { frameLengthBytes } from '../framing.ts'
import { inputBytesInitial, outputBytesInitialMin, readAheadBytes, requestFrameBytesMax } from '../limits.ts'
import { readForeignReply } from '../preamble.ts'
import type { RemoteException } from '../remote-exception.ts'
import { rpcMagic } from '../rpc-constants.ts'
import type { ClientSession, ClientSessionEvents } from '../session.ts'
import { releaseOutput, takeOutput } from '../session-output.ts'
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
 *
 *     opened ──► calls and answers in any order ──► refused (FATAL) or broken (ProtocolError)
 */
export abstract class OldClientSession implements ClientSession {
  readonly input: ReceiveBuffer
  readonly #events: ClientSessionEvents
  readonly #output = new ByteWriter(outputBytesInitialMin)
  #state: 'first-answer' | 'answers' | 'refused' = 'first-answer'

  /** `preamble` is what follows "hrpc"; `writeContext` writes the frame behind it. Both leave with the first call. */
  constructor(options: {
    readonly events: ClientSessionEvents
    readonly preamble: readonly number[]
    readonly writeContext: (output: ByteWriter) => void
    readonly answerBytesMax: number
  }) {
    this.#events = options.events
    this.input = new ReceiveBuffer({
      initialBytes: inputBytesInitial,
      maxBytes: options.answerBytesMax + readAheadBytes,
    })
    this.#output.bytes(rpcMagic)
    for (const byte of options.preamble) this.#output.u8(byte)
    this.#frame(options.writeContext)
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
    this.#frame((output) => this.writeCall(output, callId, method, codec, request))
  }

  ping(): void {
    this.#output.i32be(pingLength)
  }

  #frame(write: (output: ByteWriter) => void): void {
    const output = this.#output
    const at = output.reserve(frameLengthBytes)
    try {
      write(output)
      const length = output.length - at - frameLengthBytes
      if (length > requestFrameBytesMax) {
        throw new ProtocolError(
          'ERR_HRPC_FRAME_TOO_LARGE',
          `send a request: found ${length} bytes; ${requestFrameBytesMax} is the limit`,
          { side: 'local' },
        )
      }
      output.setU32beAt(at, length)
    } catch (error) {
      // Half of a message must not reach the server.
      output.truncate(at)
      throw error
    }
  }

  get hasOutput(): boolean {
    return this.#output.length > 0
  }

  takeOutput(): Uint8Array {
    return takeOutput(this.#output)
  }

  get output(): Uint8Array {
    return this.#output.view()
  }

  releaseOutput(reusable: boolean): void {
    releaseOutput(this.#output, reusable)
  }

  get midFrame(): boolean {
    return this.input.length > 0
  }

  receive(chunk: Uint8Array): void {
    this.input.push(chunk)
    this.process()
  }

  process(): void {
    if (this.#state === 'first-answer' && !this.#firstAnswerIsOurs()) return
    const bytes = this.input.view()
    let at = 0
    try {
      while (this.#state === 'answers' && at < bytes.length) {
        const answer = this.readAnswer(bytes, at)
        if (answer === undefined) break
        at = answer.end
        if (!('error' in answer)) this.#events.onResponse(answer.callId, bytes, answer.start, answer.end)
        else if (answer.fatal) this.#refused(answer.error)
        else this.#events.onError(answer.callId, answer.error)
      }
    } finally {
      this.input.consume(this.#state === 'refused' ? bytes.length : at)
    }
  }

  /** Servers of other kinds and generations answer in other ways [hrpc.preamble.3]. */
  #firstAnswerIsOurs(): boolean {
    if (this.input.length === 0) return false
    const foreign = readForeignReply(this.input.view())
    if (foreign === 'more') return false
    this.#state = 'answers'
    if (foreign === undefined) return true
    this.input.consume(this.input.length)
    this.#refused(foreign)
    return false
  }

  #refused(error: RemoteException): void {
    this.#state = 'refused'
    this.#events.onFatal(error)
  }
}
