import type { ByteWriter } from '@cairn/bytes'
import {
  HadoopRpcRequestProto,
  IpcConnectionContextProto,
  type MessageCodec,
  RpcKindProto as RpcKind,
  RpcPayloadOperationProto as RpcOp,
  RpcPayloadHeaderProto,
} from '@cairn/hadoop-proto'
import { responseFrameBytesMax } from '../limits.ts'
import { AuthMethod } from '../old-generations/constants.ts'
import { type OldAnswer, OldClientSession } from '../old-generations/old-client-session.ts'
import { protocolVersion } from '../rpc-constants.ts'
import type { ClientSessionEvents } from '../session.ts'
import { type Generation7, protobufSerialization } from './constants.ts'
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

/** The client end of one connection of Hadoop RPC 7 or 8 without authentication (SIMPLE). */
export class RpcClientSession7 extends OldClientSession {
  readonly #protocol: string
  readonly #version: bigint
  readonly #frameBytesMax: number

  constructor(options: RpcClientSession7Options) {
    const { generation, user, realUser, protocol, events } = options
    super({
      events,
      preamble: [generation, AuthMethod.SIMPLE, protobufSerialization],
      writeContext: (output) =>
        IpcConnectionContextProto.write(output, {
          userInfo: { effectiveUser: user === '' ? undefined : user, realUser },
          protocol,
        }),
      answerBytesMax: options.responseFrameBytesMax ?? responseFrameBytesMax,
    })
    this.#protocol = protocol
    this.#version = options.version ?? protocolVersion
    this.#frameBytesMax = options.responseFrameBytesMax ?? responseFrameBytesMax
  }

  protected writeCall<Q>(
    output: ByteWriter,
    callId: number,
    method: string,
    codec: MessageCodec<Q>,
    request: Q,
  ): void {
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
  }

  protected readAnswer(bytes: Uint8Array, at: number): OldAnswer | undefined {
    return readAnswer7(bytes, at, this.#frameBytesMax)
  }
}
