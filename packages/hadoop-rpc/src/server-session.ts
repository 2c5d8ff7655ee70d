import { ByteReader, ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  IpcConnectionContextProto,
  type MessageCodec,
  RpcKindProto as RpcKind,
  RpcRequestHeaderProto_OperationProto as RpcOp,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { bodyStart, frameLength, frameLengthBytes } from './framing.ts'
import {
  callsInFlightMax,
  frameBytesBeforeContextMax,
  inputBytesInitial,
  outputBytesInitialMin,
  readAheadBytes,
  requestFrameBytesMax,
  responseFrameBytesMax,
} from './limits.ts'
import { checkName, MethodHeaderReader } from './method-headers.ts'
import { readPreamble } from './preamble.ts'
import { invalidHeader, unauthorized, undecodable } from './refusals.ts'
import { RemoteException } from './remote-exception.ts'
import { type RequestHeader, readRequestHeader } from './request-header.ts'
import { writeErrorFrame, writeSuccessHeader } from './response-header.ts'
import { AuthProtocol, preambleBytes, SpecialCallId } from './rpc-constants.ts'
import type { ConnectionContext, ServerCall, ServerSession, ServerSessionEvents } from './session.ts'
import { releaseOutput, takeOutput } from './session-output.ts'
import { SimpleNegotiation } from './simple-negotiation.ts'

/** Limits of one connection and who hears of its calls. */
export interface RpcServerSessionOptions {
  readonly events: ServerSessionEvents
  /** Default 128 MiB. */
  readonly requestFrameBytesMax?: number
  /** Default 1,024. */
  readonly callsInFlightMax?: number
}

/** The name of an open enumeration's value, or its number when it has none. */
function nameOf(table: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(table).find((name) => table[name] === value) ?? String(value)
}

/**
 * The server end of one connection of Hadoop RPC 9 without authentication (SIMPLE).
 *
 *     preamble ──► [negotiation, if the client asks] ──► connection context ──► calls
 *         └──────────────┴── a fault: FATAL answer queued, ProtocolError thrown ──┘
 *
 * A fault of the connection is answered as Hadoop's server does (`Server.Connection.processOneRpc`), then
 * `process()` throws: send what `takeOutput()` gives and close. Faults of one call are the handler's matter.
 */
export class RpcServerSession implements ServerSession {
  readonly input: ReceiveBuffer
  readonly #events: ServerSessionEvents
  readonly #requestFrameBytesMax: number
  readonly #callsInFlightMax: number
  readonly #output = new ByteWriter(outputBytesInitialMin)
  readonly #methods = new MethodHeaderReader()
  #state: 'preamble' | 'negotiation' | 'context' | 'calls' | 'refused' = 'preamble'
  #negotiation: SimpleNegotiation | undefined
  #context: ConnectionContext | undefined
  #clientId: Uint8Array | undefined
  #callsInFlight = 0

  constructor(options: RpcServerSessionOptions) {
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
        const end = start + frameLength(bytes, at, this.#frameLimit())
        if (end > bytes.length) break
        at = end
        this.#request(new ByteReader(bytes, start, end))
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
    if (this.input.length < preambleBytes) return false
    try {
      const { authProtocol } = readPreamble(this.input.view(0, preambleBytes), this.#output)
      this.input.consume(preambleBytes)
      this.#state = 'context'
      if (authProtocol === AuthProtocol.SASL) {
        this.#negotiation = new SimpleNegotiation()
        this.#state = 'negotiation'
      }
      return true
    } catch (error) {
      this.#state = 'refused'
      this.input.consume(this.input.length)
      throw error
    }
  }

  #request(reader: ByteReader): void {
    const header = this.#readHeader(reader)
    if (header.callId >= 0) {
      if (this.#state !== 'calls')
        throw invalidHeader(this.#output, header, 'Connection context not established')
      this.#call(header, reader)
    } else if (header.callId === SpecialCallId.CONNECTION_CONTEXT) {
      this.#connectionContext(header, reader)
    } else if (header.callId === SpecialCallId.SASL) {
      this.#saslMessage(header, reader)
    } else if (header.callId !== SpecialCallId.PING) {
      throw invalidHeader(this.#output, header, `Unknown out of band call #${header.callId}`)
    }
  }

  /** Checks what `Server.checkRpcHeaders` checks [hrpc.header.2]. */
  #readHeader(reader: ByteReader): RequestHeader {
    let header: RequestHeader
    try {
      header = readRequestHeader(reader, this.#clientId)
    } catch (cause) {
      throw undecodable(this.#output, 'RpcRequestHeaderProto', cause, undefined)
    }
    this.#clientId = header.clientId
    if (header.rpcOp === undefined)
      throw invalidHeader(this.#output, header, ' IPC Server: No rpc op in rpcRequestHeader')
    if (header.rpcOp !== RpcOp.RPC_FINAL_PACKET)
      throw invalidHeader(
        this.#output,
        header,
        `IPC Server does not implement rpc header operation${nameOf(RpcOp, header.rpcOp)}`,
      )
    if (header.rpcKind === undefined)
      throw invalidHeader(this.#output, header, ' IPC Server: No rpc kind in rpcRequestHeader')
    return header
  }

  #call(header: RequestHeader, reader: ByteReader): void {
    const { rpcKind } = header
    if (rpcKind !== RpcKind.RPC_PROTOCOL_BUFFER)
      throw invalidHeader(
        this.#output,
        header,
        `Unknown rpc kind in rpc header${nameOf(RpcKind, rpcKind ?? -1)}`,
      )
    let call: ServerCall
    try {
      const method = this.#methods.read(reader)
      call = {
        callId: header.callId,
        retryCount: header.retryCount,
        clientId: header.clientId,
        protocol: method.declaringClassProtocolName,
        method: method.methodName,
        version: method.clientProtocolVersion,
        start: bodyStart(reader),
        end: reader.end,
        bytes: reader.bytes,
        callerContext: header.callerContext,
        stateId: header.stateId,
      }
    } catch (cause) {
      throw undecodable(this.#output, 'RequestHeaderProto', cause, header)
    }
    this.#callsInFlight++
    this.#events.onCall(call)
  }

  /** Exactly one, before any call [hrpc.context.1]; without authentication its user is believed [hrpc.context.2]. */
  #connectionContext(header: RequestHeader, reader: ByteReader): void {
    if (this.#state === 'negotiation')
      throw invalidHeader(this.#output, header, 'Connection header sent during SASL negotiation')
    if (this.#context !== undefined)
      throw invalidHeader(this.#output, header, 'Connection context already processed')
    let context: ConnectionContext
    try {
      const message = IpcConnectionContextProto.decodeDelimited(reader)
      context = {
        user: message.userInfo?.effectiveUser ?? '',
        realUser: message.userInfo?.realUser,
        protocol: message.protocol ?? '',
      }
      checkName('UserInformationProto.effectiveUser', context.user)
      checkName('UserInformationProto.realUser', context.realUser ?? '')
      checkName('IpcConnectionContextProto.protocol', context.protocol)
    } catch (cause) {
      throw undecodable(this.#output, 'IpcConnectionContextProto', cause, header)
    }
    try {
      this.#events.onContext(context)
    } catch (error) {
      throw error instanceof RemoteException ? unauthorized(this.#output, header.callId, error) : error
    }
    this.#context = context
    this.#state = 'calls'
  }

  /** Only while negotiating [hrpc.sasl.3]. */
  #saslMessage(header: RequestHeader, reader: ByteReader): void {
    const negotiation = this.#negotiation
    if (this.#state !== 'negotiation' || negotiation === undefined)
      throw invalidHeader(this.#output, header, 'SASL protocol not requested by client')
    let outcome: 'simple' | RemoteException
    try {
      outcome = negotiation.receive(reader, this.#output)
    } catch (cause) {
      throw undecodable(this.#output, 'RpcSaslProto', cause, header)
    }
    if (outcome !== 'simple') throw unauthorized(this.#output, SpecialCallId.SASL, outcome)
    this.#negotiation = undefined
    this.#state = 'context'
  }

  respond<S>(call: ServerCall, codec: MessageCodec<S>, response: S): void {
    const output = this.#output
    const at = output.reserve(frameLengthBytes)
    try {
      writeSuccessHeader(output, call.callId, call.clientId, call.retryCount)
      codec.encodeDelimited(output, response)
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
      output.truncate(at)
      throw error
    }
    this.#callsInFlight--
  }

  respondError(call: ServerCall, error: RemoteException): void {
    writeErrorFrame(this.#output, RpcStatus.ERROR, call.callId, call.clientId, call.retryCount, error)
    this.#callsInFlight--
  }
}
