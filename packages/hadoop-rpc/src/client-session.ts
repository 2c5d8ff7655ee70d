import { ByteReader, ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import { IpcConnectionContextProto, type MessageCodec, RPCCallerContextProto } from '@cairn/hadoop-proto'
import { bodyStart, frameLength, frameLengthBytes } from './framing.ts'
import {
  inputBytesInitial,
  outputBytesInitialMin,
  readAheadBytes,
  requestFrameBytesMax,
  responseFrameBytesMax,
} from './limits.ts'
import { MethodHeaderWriter } from './method-headers.ts'
import { readForeignReply, writePreamble } from './preamble.ts'
import { writeRequestHeader } from './request-header.ts'
import { readResponseHeader, readSuccessCallId } from './response-header.ts'
import {
  AuthProtocol,
  clientIdBytes,
  invalidRetryCount,
  protocolVersion,
  SpecialCallId,
} from './rpc-constants.ts'
import type { ClientSession, ClientSessionEvents } from './session.ts'
import { releaseOutput, takeOutput } from './session-output.ts'

/** Who calls what. */
export interface RpcClientSessionOptions {
  /** Whose rights count (effective user). */
  readonly user: string
  /** Who acts for `user`, when that is someone else. */
  readonly realUser?: string | undefined
  /** Java name of the protocol that all calls of this connection belong to. */
  readonly protocol: string
  /** Default 1. */
  readonly version?: bigint
  /** 16 random bytes, the same for all connections of a client: the retry cache knows a repeated call by them. */
  readonly clientId: Uint8Array
  readonly events: ClientSessionEvents
  /** What audit logs shall say about the caller, such as a command's name; NameNodes keep 128 bytes of it. */
  readonly callerContext?: string | undefined
  /** Priority class that the server may use; default 0. */
  readonly serviceClass?: number
  /** Default 128 MiB. */
  readonly responseFrameBytesMax?: number
}

/**
 * The client end of one connection of Hadoop RPC 9 without authentication (SIMPLE).
 *
 *     opened ──► calls and answers in any order ──► refused (FATAL) or broken (ProtocolError)
 *
 * Preamble and connection context are queued at once: the server answers neither, so the first call can follow
 * in the same packet [hrpc.preamble.4]. The session keeps no list of calls; `callId` in the events is all it knows.
 */
export class RpcClientSession implements ClientSession {
  readonly input: ReceiveBuffer
  readonly #options: RpcClientSessionOptions
  readonly #events: ClientSessionEvents
  readonly #methods: MethodHeaderWriter
  readonly #frameBytesMax: number
  readonly #callerContext: Uint8Array | undefined
  readonly #output = new ByteWriter(outputBytesInitialMin)
  #state: 'first-answer' | 'answers' | 'refused' = 'first-answer'

  constructor(options: RpcClientSessionOptions) {
    if (options.clientId.length !== clientIdBytes) {
      throw new ProtocolError(
        'ERR_HRPC_HEADER',
        `open a session: found a client id of ${options.clientId.length} bytes; ${clientIdBytes} are needed`,
        { side: 'local' },
      )
    }
    this.#options = options
    this.#events = options.events
    this.#methods = new MethodHeaderWriter(options.protocol, options.version ?? protocolVersion)
    this.#callerContext =
      options.callerContext === undefined
        ? undefined
        : RPCCallerContextProto.encode({ context: options.callerContext })
    this.#frameBytesMax = options.responseFrameBytesMax ?? responseFrameBytesMax
    this.input = new ReceiveBuffer({
      initialBytes: inputBytesInitial,
      maxBytes: this.#frameBytesMax + readAheadBytes,
    })
    writePreamble(this.#output, options.serviceClass ?? 0, AuthProtocol.NONE)
    this.#writeContext()
  }

  #writeContext(): void {
    const { user, realUser, protocol, clientId } = this.#options
    const at = this.#output.reserve(frameLengthBytes)
    const callId = SpecialCallId.CONNECTION_CONTEXT
    writeRequestHeader(this.#output, callId, clientId, invalidRetryCount, this.#callerContext)
    IpcConnectionContextProto.encodeDelimited(this.#output, {
      userInfo: { effectiveUser: user, realUser },
      protocol,
    })
    this.#closeFrame(at)
  }

  #closeFrame(at: number): void {
    const length = this.#output.length - at - frameLengthBytes
    if (length > requestFrameBytesMax) {
      this.#output.truncate(at)
      throw new ProtocolError(
        'ERR_HRPC_FRAME_TOO_LARGE',
        `send a request: found ${length} bytes; ${requestFrameBytesMax} is the limit`,
        { side: 'local' },
      )
    }
    this.#output.setU32beAt(at, length)
  }

  call<Q>(callId: number, retryCount: number, method: string, codec: MessageCodec<Q>, request: Q): void {
    const output = this.#output
    const at = output.reserve(frameLengthBytes)
    try {
      writeRequestHeader(output, callId, this.#options.clientId, retryCount, this.#callerContext)
      output.bytes(this.#methods.header(method))
      codec.encodeDelimited(output, request)
    } catch (error) {
      // A message without a required field: half of it must not reach the server.
      output.truncate(at)
      throw error
    }
    this.#closeFrame(at)
  }

  ping(): void {
    const at = this.#output.reserve(frameLengthBytes)
    writeRequestHeader(this.#output, SpecialCallId.PING, this.#options.clientId, invalidRetryCount)
    this.#closeFrame(at)
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
    if (this.#state === 'first-answer' && !this.#firstAnswerIsFrame()) return
    const bytes = this.input.view()
    let at = 0
    try {
      while (this.#state === 'answers' && bytes.length - at >= frameLengthBytes) {
        const start = at + frameLengthBytes
        const end = start + frameLength(bytes, at, this.#frameBytesMax)
        if (end > bytes.length) break
        at = end
        this.#answer(new ByteReader(bytes, start, end))
      }
    } finally {
      this.input.consume(this.#state === 'refused' ? bytes.length : at)
    }
  }

  /** Servers of other kinds and generations do not answer in frames [hrpc.preamble.3]. */
  #firstAnswerIsFrame(): boolean {
    if (this.input.length === 0) return false
    const foreign = readForeignReply(this.input.view())
    if (foreign === 'more') return false
    this.#state = 'answers'
    if (foreign === undefined) return true
    this.input.consume(this.input.length)
    this.#refused(foreign)
    return false
  }

  #refused(error: Parameters<ClientSessionEvents['onFatal']>[0]): void {
    this.#state = 'refused'
    this.#events.onFatal(error)
  }

  #answer(reader: ByteReader): void {
    let callId = readSuccessCallId(reader)
    if (callId < 0) {
      const header = readResponseHeader(reader)
      callId = header.callId
      if (header.error !== undefined) {
        if (header.fatal) this.#refused(header.error)
        else this.#events.onError(callId, header.error)
        return
      }
    }
    this.#events.onResponse(callId, reader.bytes, bodyStart(reader), reader.end)
  }
}
