import type { ByteReader, ByteWriter } from '@cairn/bytes'
import {
  IpcConnectionContextProto,
  type MessageCodec,
  RpcKindProto as RpcKind,
  RpcRequestHeaderProto_OperationProto as RpcOp,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { BufferedServerSession } from './buffered-server-session.ts'
import { bodyStart, frameLengthBytes } from './framing.ts'
import type { ServerSessionOptions } from './generation.ts'
import { checkName, MethodHeaderReader } from './method-headers.ts'
import { readPreamble } from './preamble.ts'
import { invalidHeader, unauthorized, undecodable } from './refusals.ts'
import { RemoteException } from './remote-exception.ts'
import { type RequestHeader, readRequestHeader } from './request-header.ts'
import { writeErrorFrame, writeSuccessHeader } from './response-header.ts'
import { AuthProtocol, preambleBytes, SpecialCallId } from './rpc-constants.ts'
import type { ConnectionContext, ServerCall } from './session.ts'
import { SimpleNegotiation } from './simple-negotiation.ts'

/** Limits of one connection and who hears of its calls. */
export type RpcServerSessionOptions = ServerSessionOptions

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
export class RpcServerSession extends BufferedServerSession {
  readonly #methods = new MethodHeaderReader()
  #negotiation: SimpleNegotiation | undefined
  #clientId: Uint8Array | undefined

  constructor(options: RpcServerSessionOptions) {
    super(options, { preambleBytes })
  }

  protected openWith(preamble: Uint8Array): void {
    const { authProtocol } = readPreamble(preamble, this.writer)
    if (authProtocol === AuthProtocol.SASL) this.#negotiation = new SimpleNegotiation()
  }

  protected takeFrame(reader: ByteReader): void {
    const header = this.#readHeader(reader)
    if (header.callId >= 0) {
      if (this.established === undefined)
        throw invalidHeader(this.writer, header, 'Connection context not established')
      this.#call(header, reader)
    } else if (header.callId === SpecialCallId.CONNECTION_CONTEXT) {
      this.#connectionContext(header, reader)
    } else if (header.callId === SpecialCallId.SASL) {
      this.#saslMessage(header, reader)
    } else if (header.callId !== SpecialCallId.PING) {
      throw invalidHeader(this.writer, header, `Unknown out of band call #${header.callId}`)
    }
  }

  /** Checks what `Server.checkRpcHeaders` checks [hrpc.header.2]. */
  #readHeader(reader: ByteReader): RequestHeader {
    let header: RequestHeader
    try {
      header = readRequestHeader(reader, this.#clientId)
    } catch (cause) {
      throw undecodable(this.writer, 'RpcRequestHeaderProto', cause, undefined)
    }
    this.#clientId = header.clientId
    if (header.rpcOp === undefined)
      throw invalidHeader(this.writer, header, ' IPC Server: No rpc op in rpcRequestHeader')
    if (header.rpcOp !== RpcOp.RPC_FINAL_PACKET)
      throw invalidHeader(
        this.writer,
        header,
        `IPC Server does not implement rpc header operation${nameOf(RpcOp, header.rpcOp)}`,
      )
    if (header.rpcKind === undefined)
      throw invalidHeader(this.writer, header, ' IPC Server: No rpc kind in rpcRequestHeader')
    return header
  }

  #call(header: RequestHeader, reader: ByteReader): void {
    const { rpcKind } = header
    if (rpcKind !== RpcKind.RPC_PROTOCOL_BUFFER)
      throw invalidHeader(
        this.writer,
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
      throw undecodable(this.writer, 'RequestHeaderProto', cause, header)
    }
    this.report(call)
  }

  /** Exactly one, before any call [hrpc.context.1]; without authentication its user is believed [hrpc.context.2]. */
  #connectionContext(header: RequestHeader, reader: ByteReader): void {
    if (this.#negotiation !== undefined)
      throw invalidHeader(this.writer, header, 'Connection header sent during SASL negotiation')
    if (this.established !== undefined)
      throw invalidHeader(this.writer, header, 'Connection context already processed')
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
      throw undecodable(this.writer, 'IpcConnectionContextProto', cause, header)
    }
    try {
      this.events.onContext(context)
    } catch (error) {
      throw error instanceof RemoteException ? unauthorized(this.writer, header.callId, error) : error
    }
    this.established = context
  }

  /** Only while negotiating [hrpc.sasl.3]. */
  #saslMessage(header: RequestHeader, reader: ByteReader): void {
    const negotiation = this.#negotiation
    if (negotiation === undefined)
      throw invalidHeader(this.writer, header, 'SASL protocol not requested by client')
    let outcome: 'simple' | RemoteException
    try {
      outcome = negotiation.receive(reader, this.writer)
    } catch (cause) {
      throw undecodable(this.writer, 'RpcSaslProto', cause, header)
    }
    if (outcome !== 'simple') throw unauthorized(this.writer, SpecialCallId.SASL, outcome)
    this.#negotiation = undefined
  }

  protected writeAnswer<S>(output: ByteWriter, call: ServerCall, codec: MessageCodec<S>, response: S): void {
    const at = output.reserve(frameLengthBytes)
    writeSuccessHeader(output, call.callId, call.clientId, call.retryCount)
    codec.encodeDelimited(output, response)
    output.setU32beAt(at, output.length - at - frameLengthBytes)
  }

  protected writeCallError(output: ByteWriter, call: ServerCall, error: RemoteException): void {
    writeErrorFrame(output, RpcStatus.ERROR, call.callId, call.clientId, call.retryCount, error)
  }
}
