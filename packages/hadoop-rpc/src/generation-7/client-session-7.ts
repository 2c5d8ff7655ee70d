import { ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  HadoopRpcRequestProto,
  IpcConnectionContextProto,
  type MessageCodec,
  RpcKindProto as RpcKind,
  RpcPayloadOperationProto as RpcOp,
  RpcPayloadHeaderProto,
} from '@cairn/hadoop-proto'
import { frameLengthBytes } from '../framing.ts'
import {
  inputBytesInitial,
  outputBytesInitialMin,
  readAheadBytes,
  requestFrameBytesMax,
  responseFrameBytesMax,
} from '../limits.ts'
import { readForeignReply } from '../preamble.ts'
import { protocolVersion, rpcMagic } from '../rpc-constants.ts'
import type { ClientSession, ClientSessionEvents } from '../session.ts'
import { releaseOutput, takeOutput } from '../session-output.ts'
import { AuthMethod, type Generation7, protobufSerialization } from './constants.ts'
import { readAnswer7 } from './response.ts'

/** Who calls what. */
export interface RpcClientSession7Options {
  /** 7 for Hadoop 2.0.0 to 2.0.2-alpha, 8 for 2.0.3 to 2.0.6-alpha. */
  readonly generation: Generation7
  /** Whose rights count (effective user). */
  readonly user: string
  /** Who acts for `user`, when that is someone else. */
  readonly realUser?: string | undefined
  /** Java name of the protocol that all calls of this connection belong to. */
  readonly protocol: string
  /** Default 1. */
  readonly version?: bigint
  readonly events: ClientSessionEvents
  /** Default 128 MiB. */
  readonly responseFrameBytesMax?: number
}

/**
 * The client end of one connection of Hadoop RPC 7 or 8 without authentication (SIMPLE).
 *
 *     opened ──► calls and answers in any order ──► refused (FATAL) or broken (ProtocolError)
 *
 * Preamble and connection context are queued at once. There is no client id and no retry count: a repeated call is a
 * new one to these servers.
 */
export class RpcClientSession7 implements ClientSession {
  readonly input: ReceiveBuffer
  readonly #events: ClientSessionEvents
  readonly #protocol: string
  readonly #version: bigint
  readonly #frameBytesMax: number
  readonly #output = new ByteWriter(outputBytesInitialMin)
  #state: 'first-answer' | 'answers' | 'refused' = 'first-answer'

  constructor(options: RpcClientSession7Options) {
    this.#events = options.events
    this.#protocol = options.protocol
    this.#version = options.version ?? protocolVersion
    this.#frameBytesMax = options.responseFrameBytesMax ?? responseFrameBytesMax
    this.input = new ReceiveBuffer({
      initialBytes: inputBytesInitial,
      maxBytes: this.#frameBytesMax + readAheadBytes,
    })
    const output = this.#output
    output.bytes(rpcMagic)
    output.u8(options.generation)
    output.u8(AuthMethod.SIMPLE)
    output.u8(protobufSerialization)
    const at = output.reserve(frameLengthBytes)
    IpcConnectionContextProto.write(output, {
      userInfo: { effectiveUser: options.user, realUser: options.realUser },
      protocol: options.protocol,
    })
    this.#closeFrame(at)
  }

  /** The retry count stays here: this generation has no place for it. */
  call<Q>(callId: number, _retryCount: number, method: string, codec: MessageCodec<Q>, request: Q): void {
    const output = this.#output
    const at = output.reserve(frameLengthBytes)
    try {
      RpcPayloadHeaderProto.encodeDelimited(output, {
        rpcKind: RpcKind.RPC_PROTOCOL_BUFFER,
        rpcOp: RpcOp.RPC_FINAL_PAYLOAD,
        callId,
      })
      HadoopRpcRequestProto.encodeDelimited(output, {
        methodName: method,
        request: codec.encode(request),
        declaringClassProtocolName: this.#protocol,
        clientProtocolVersion: this.#version,
      })
    } catch (error) {
      // A message without a required field: half of it must not reach the server.
      output.truncate(at)
      throw error
    }
    this.#closeFrame(at)
  }

  ping(): void {
    this.#output.i32be(-1)
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
        const answer = readAnswer7(bytes, at, this.#frameBytesMax)
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

  #refused(error: Parameters<ClientSessionEvents['onFatal']>[0]): void {
    this.#state = 'refused'
    this.#events.onFatal(error)
  }
}
