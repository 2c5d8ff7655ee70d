import { type ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import {
  HadoopRpcRequestProto,
  IpcConnectionContextProto,
  type MessageCodec,
  RpcKindProto as RpcKind,
  RpcPayloadOperationProto as RpcOp,
  RpcPayloadHeaderProto,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { bodyStart, frameLengthBytes } from '../framing.ts'
import { checkName } from '../method-headers.ts'
import {
  type OldCall,
  OldServerSession,
  type OldServerSessionOptions,
} from '../old-generations/old-server-session.ts'
import type { RemoteException } from '../remote-exception.ts'
import { RpcErrorClass } from '../rpc-constants.ts'
import type { ConnectionContext, ServerCall } from '../session.ts'
import { type Generation7, preambleBytes7, protobufSerialization } from './constants.ts'
import { writeError7, writeResponseHeader7 } from './response.ts'

const noBytes = new Uint8Array(0)

/** The server end of one connection of Hadoop RPC 7 or 8; which of the two the preamble says. */
export class RpcServerSession7 extends OldServerSession {
  #generation: Generation7 = 7

  constructor(options: OldServerSessionOptions) {
    super(options, preambleBytes7)
  }

  /** [hrpc7.preamble.2] [hrpc7.auth.1] */
  protected readPreamble(bytes: Uint8Array): number {
    const [generation, method, serialization] = bytes
    if (generation !== 7 && generation !== 8) {
      throw new ProtocolError('ERR_HRPC_VERSION', 'read the preamble: found no Hadoop RPC of version 7 or 8')
    }
    this.#generation = generation
    if (serialization !== protobufSerialization) {
      throw this.refuse(
        RpcErrorClass.IpcException,
        `Server IPC version ${generation} do not support serilization ${serialization}`,
      )
    }
    return method!
  }

  protected readContext(reader: ByteReader): ConnectionContext {
    const message = IpcConnectionContextProto.decode(reader.bytes, reader.position, reader.end)
    const context = {
      user: message.userInfo?.effectiveUser ?? '',
      realUser: message.userInfo?.realUser,
      protocol: message.protocol ?? '',
    }
    checkName('UserInformationProto.effectiveUser', context.user)
    checkName('UserInformationProto.realUser', context.realUser ?? '')
    checkName('IpcConnectionContextProto.protocol', context.protocol)
    return context
  }

  protected readCall(reader: ByteReader): OldCall {
    const header = RpcPayloadHeaderProto.decodeDelimited(reader)
    if ((header.rpcOp ?? RpcOp.RPC_FINAL_PAYLOAD) !== RpcOp.RPC_FINAL_PAYLOAD) {
      throw this.refuse(RpcErrorClass.RpcServerException, `unsupported rpc operation ${header.rpcOp}`)
    }
    if (header.rpcKind !== RpcKind.RPC_PROTOCOL_BUFFER) {
      throw this.refuse(RpcErrorClass.RpcServerException, `unsupported rpc kind ${header.rpcKind}`)
    }
    bodyStart(reader)
    const request = HadoopRpcRequestProto.decode(reader.bytes, reader.position, reader.end)
    checkName('HadoopRpcRequestProto.methodName', request.methodName)
    checkName('HadoopRpcRequestProto.declaringClassProtocolName', request.declaringClassProtocolName)
    const bytes = request.request ?? noBytes
    return {
      callId: header.callId | 0,
      protocol: request.declaringClassProtocolName,
      method: request.methodName,
      version: request.clientProtocolVersion,
      bytes,
      start: 0,
      end: bytes.length,
    }
  }

  protected writeAnswer<S>(
    output: ByteWriter,
    { callId }: ServerCall,
    codec: MessageCodec<S>,
    response: S,
  ): void {
    writeResponseHeader7(output, callId, RpcStatus.SUCCESS)
    const at = output.reserve(frameLengthBytes)
    codec.write(output, response)
    output.setU32beAt(at, output.length - at - frameLengthBytes)
  }

  /** A FATAL answer names the server's version [hrpc7.error.2]. */
  protected writeError(output: ByteWriter, status: number, callId: number, error: RemoteException): void {
    const version = status === RpcStatus.FATAL ? this.#generation : undefined
    writeError7(output, status, callId, error, version)
  }
}
