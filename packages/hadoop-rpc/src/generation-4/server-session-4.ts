import { type ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import { type MessageCodec, RpcResponseHeaderProto_RpcStatusProto as RpcStatus } from '@cairn/hadoop-proto'
import { readUtf8 } from '@cairn/hadoop-writable'
import { checkName } from '../method-headers.ts'
import {
  type OldCall,
  OldServerSession,
  type OldServerSessionOptions,
} from '../old-generations/old-server-session.ts'
import type { RemoteException } from '../remote-exception.ts'
import type { ConnectionContext, ServerCall } from '../session.ts'
import { readConnectionHeader } from './connection-header.ts'
import { preambleBytes4, rpcVersion4, Status4 } from './constants.ts'
import { writeError4 } from './response.ts'

/**
 * The server end of one connection of Hadoop RPC 4. A call's message is its parameters: their count, then each as an
 * ObjectWritable; an answer's codec writes one ObjectWritable.
 */
export class RpcServerSession4 extends OldServerSession {
  constructor(options: OldServerSessionOptions) {
    super(options, preambleBytes4)
  }

  /** [hrpc4.auth.1] */
  protected readPreamble(bytes: Uint8Array): number {
    if (bytes[0] !== rpcVersion4) {
      throw new ProtocolError('ERR_HRPC_VERSION', 'read the preamble: found no Hadoop RPC of version 4')
    }
    return bytes[1]!
  }

  protected readContext(reader: ByteReader): ConnectionContext {
    return readConnectionHeader(reader)
  }

  protected readCall(reader: ByteReader): OldCall {
    const callId = reader.i32be()
    const method = readUtf8(reader)
    checkName('Invocation.methodName', method)
    const { bytes, position, end } = reader
    return {
      callId,
      protocol: this.context?.protocol ?? '',
      method,
      version: 0n,
      bytes,
      start: position,
      end,
    }
  }

  protected writeAnswer<S>(
    output: ByteWriter,
    { callId }: ServerCall,
    codec: MessageCodec<S>,
    response: S,
  ): void {
    output.i32be(callId)
    output.i32be(Status4.SUCCESS)
    codec.write(output, response)
  }

  /** [hrpc4.error.2] */
  protected writeError(output: ByteWriter, status: number, callId: number, error: RemoteException): void {
    writeError4(output, status === RpcStatus.FATAL ? Status4.FATAL : Status4.ERROR, callId, error)
  }
}
