import { ByteReader, ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  HadoopRpcRequestProto,
  IpcConnectionContextProto,
  type MessageCodec,
  RpcKindProto as RpcKind,
  RpcPayloadOperationProto as RpcOp,
  RpcPayloadHeaderProto,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { bodyStart, frameLength, frameLengthBytes } from '../framing.ts'
import {
  callsInFlightMax,
  frameBytesBeforeContextMax,
  inputBytesInitial,
  outputBytesInitialMin,
  readAheadBytes,
  requestFrameBytesMax,
  responseFrameBytesMax,
} from '../limits.ts'
import { checkName } from '../method-headers.ts'
import { RemoteException } from '../remote-exception.ts'
import { sameAt } from '../request-header.ts'
import { invalidRetryCount, RpcErrorClass, rpcMagic, SpecialCallId } from '../rpc-constants.ts'
import type { ConnectionContext, ServerCall, ServerSession, ServerSessionEvents } from '../session.ts'
import { releaseOutput, takeOutput } from '../session-output.ts'
import {
  AuthMethod,
  type Generation7,
  pingLength,
  preambleBytes7,
  protobufSerialization,
  switchToSimple,
} from './constants.ts'
import { writeError7, writeResponseHeader7 } from './response.ts'

/** Limits of one connection and who hears of its calls. */
export interface RpcServerSession7Options {
  readonly events: ServerSessionEvents
  /** Default 128 MiB. */
  readonly requestFrameBytesMax?: number
  /** Default 1,024. */
  readonly callsInFlightMax?: number
}

/** Callers of these generations have no id: the retry cache knows nothing of them. */
const noClientId = new Uint8Array(0)

/**
 * The server end of one connection of Hadoop RPC 7 or 8 without authentication (SIMPLE); which of the two the preamble
 * says.
 *
 *     preamble ──► [first login message, dropped] ──► connection context ──► calls
 *         └──────────────┴── a fault: FATAL answer queued, ProtocolError thrown ──┘
 */
export class RpcServerSession7 implements ServerSession {
  readonly input: ReceiveBuffer
  readonly #events: ServerSessionEvents
  readonly #requestFrameBytesMax: number
  readonly #callsInFlightMax: number
  readonly #output = new ByteWriter(outputBytesInitialMin)
  #state: 'preamble' | 'login' | 'context' | 'calls' | 'refused' = 'preamble'
  #generation: Generation7 = 7
  #context: ConnectionContext | undefined
  #callsInFlight = 0

  constructor(options: RpcServerSession7Options) {
    this.#events = options.events
    this.#requestFrameBytesMax = options.requestFrameBytesMax ?? requestFrameBytesMax
    this.#callsInFlightMax = options.callsInFlightMax ?? callsInFlightMax
    this.input = new ReceiveBuffer({
      initialBytes: inputBytesInitial,
      maxBytes: this.#requestFrameBytesMax + readAheadBytes,
    })
  }

  get context(): ConnectionContext | undefined {
    return this.#context
  }

  get callsInFlight(): number {
    return this.#callsInFlight
  }

  get blocked(): boolean {
    return this.#callsInFlight >= this.#callsInFlightMax
  }

  get midFrame(): boolean {
    return this.input.length > 0 && !this.blocked
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

  receive(chunk: Uint8Array): void {
    this.input.push(chunk)
    this.process()
  }

  process(): void {
    if (this.#state === 'preamble' && !this.#readPreamble()) return
    const bytes = this.input.view()
    let at = 0
    try {
      while (this.#state !== 'refused' && !this.blocked && bytes.length - at >= frameLengthBytes) {
        const start = at + frameLengthBytes
        if (new ByteReader(bytes, at).i32be() === pingLength) {
          at = start
          continue
        }
        const end = start + frameLength(bytes, at, this.#frameLimit())
        if (end > bytes.length) break
        at = end
        this.#frame(new ByteReader(bytes, start, end))
      }
    } catch (error) {
      this.#state = 'refused'
      throw error
    } finally {
      this.input.consume(this.#state === 'refused' ? bytes.length : at)
    }
  }

  #frameLimit(): number {
    return this.#state === 'calls'
      ? this.#requestFrameBytesMax
      : Math.min(frameBytesBeforeContextMax, this.#requestFrameBytesMax)
  }

  #readPreamble(): boolean {
    if (this.input.length < preambleBytes7) return false
    const bytes = this.input.view(0, preambleBytes7)
    const [generation, method, serialization] = bytes.subarray(rpcMagic.length)
    try {
      if (!sameAt(bytes, 0, rpcMagic) || (generation !== 7 && generation !== 8)) {
        throw new ProtocolError(
          'ERR_HRPC_VERSION',
          'read the preamble: found no Hadoop RPC of version 7 or 8',
        )
      }
      this.#generation = generation
      this.#checkSerialization(serialization!)
      this.#checkAuthMethod(method!)
    } catch (error) {
      this.#state = 'refused'
      this.input.consume(this.input.length)
      throw error
    }
    this.input.consume(preambleBytes7)
    return true
  }

  /** [hrpc7.preamble.2] */
  #checkSerialization(serialization: number): void {
    if (serialization === protobufSerialization) return
    throw this.#refuse(
      RpcErrorClass.IpcException,
      `Server IPC version ${this.#generation} do not support serilization ${serialization}`,
    )
  }

  /** Who wants to log in hears that there is no need to; what it has sent for that already is dropped [hrpc7.auth.1]. */
  #checkAuthMethod(method: number): void {
    if (method === AuthMethod.SIMPLE) {
      this.#state = 'context'
      return
    }
    if (method !== AuthMethod.KERBEROS && method !== AuthMethod.DIGEST) {
      throw this.#refuse(RpcErrorClass.IpcException, `Unknown authentication method: ${method}`)
    }
    this.#output.i32be(0)
    this.#output.i32be(4)
    this.#output.i32be(switchToSimple)
    this.#state = 'login'
  }

  #frame(reader: ByteReader): void {
    if (this.#state === 'login') this.#state = 'context'
    else if (this.#state === 'context') this.#connectionContext(reader)
    else this.#call(reader)
  }

  #connectionContext(reader: ByteReader): void {
    const message = this.#decoding('IpcConnectionContextProto', () =>
      IpcConnectionContextProto.decode(reader.bytes, reader.position, reader.end),
    )
    const context: ConnectionContext = {
      user: message.userInfo?.effectiveUser ?? '',
      realUser: message.userInfo?.realUser,
      protocol: message.protocol ?? '',
    }
    checkName('UserInformationProto.effectiveUser', context.user)
    checkName('UserInformationProto.realUser', context.realUser ?? '')
    checkName('IpcConnectionContextProto.protocol', context.protocol)
    try {
      this.#events.onContext(context)
    } catch (error) {
      throw error instanceof RemoteException ? this.#refuse(error.javaClass, error.message) : error
    }
    this.#context = context
    this.#state = 'calls'
  }

  #call(reader: ByteReader): void {
    const header = this.#decoding('RpcPayloadHeaderProto', () =>
      RpcPayloadHeaderProto.decodeDelimited(reader),
    )
    if ((header.rpcOp ?? RpcOp.RPC_FINAL_PAYLOAD) !== RpcOp.RPC_FINAL_PAYLOAD) {
      throw this.#refuse(RpcErrorClass.RpcServerException, `unsupported rpc operation ${header.rpcOp}`)
    }
    if (header.rpcKind !== RpcKind.RPC_PROTOCOL_BUFFER) {
      throw this.#refuse(RpcErrorClass.RpcServerException, `unsupported rpc kind ${header.rpcKind}`)
    }
    const request = this.#decoding('HadoopRpcRequestProto', () => {
      bodyStart(reader)
      return HadoopRpcRequestProto.decode(reader.bytes, reader.position, reader.end)
    })
    checkName('HadoopRpcRequestProto.methodName', request.methodName)
    checkName('HadoopRpcRequestProto.declaringClassProtocolName', request.declaringClassProtocolName)
    const bytes = request.request ?? noClientId
    this.#callsInFlight++
    this.#events.onCall({
      callId: header.callId | 0,
      retryCount: invalidRetryCount,
      clientId: noClientId,
      protocol: request.declaringClassProtocolName,
      method: request.methodName,
      version: request.clientProtocolVersion,
      bytes,
      start: 0,
      end: bytes.length,
      callerContext: undefined,
      stateId: undefined,
    })
  }

  /** What cannot be decoded ends the connection: nobody knows then which call it was. */
  #decoding<T>(what: string, decode: () => T): T {
    try {
      return decode()
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      throw this.#refuse(RpcErrorClass.RpcServerException, `Error decoding ${what}: ${cause.message}`, cause)
    }
  }

  /** Queues the answer that ends a connection [hrpc7.error.2]. */
  #refuse(javaClass: string, message: string, cause?: unknown): ProtocolError {
    const error = new RemoteException(javaClass, message)
    writeError7(this.#output, RpcStatus.FATAL, SpecialCallId.REFUSED, error, this.#generation)
    return new ProtocolError('ERR_HRPC_HEADER', `read a request: ${message}`, { cause })
  }

  respond<S>(call: ServerCall, codec: MessageCodec<S>, response: S): void {
    const output = this.#output
    const start = output.length
    try {
      writeResponseHeader7(output, call.callId, RpcStatus.SUCCESS)
      const at = output.reserve(frameLengthBytes)
      codec.write(output, response)
      const length = output.length - at - frameLengthBytes
      if (length > responseFrameBytesMax) {
        throw new ProtocolError(
          'ERR_HRPC_FRAME_TOO_LARGE',
          `answer ${call.method}: found ${length} bytes; ${responseFrameBytesMax} is the limit`,
          { side: 'local' },
        )
      }
      output.setU32beAt(at, length)
    } catch (error) {
      output.truncate(start)
      throw error
    }
    this.#callsInFlight--
  }

  respondError(call: ServerCall, error: RemoteException): void {
    writeError7(this.#output, RpcStatus.ERROR, call.callId, error)
    this.#callsInFlight--
  }
}
