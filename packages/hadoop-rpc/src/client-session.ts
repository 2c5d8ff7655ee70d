import { ByteReader, ProtocolError } from '@cairn/bytes'
import { IpcConnectionContextProto, type MessageCodec, RPCCallerContextProto } from '@cairn/hadoop-proto'
import { BufferedClientSession } from './buffered-client-session.ts'
import { bodyStart, frameLength, frameLengthBytes } from './framing.ts'
import type { ClientSessionOptions } from './generation.ts'
import { responseFrameBytesMax } from './limits.ts'
import { MethodHeaderWriter } from './method-headers.ts'
import { writePreamble } from './preamble.ts'
import { writeRequestHeader } from './request-header.ts'
import { readResponseHeader, readSuccessCallId } from './response-header.ts'
import {
  AuthProtocol,
  clientIdBytes,
  invalidRetryCount,
  protocolVersion,
  SpecialCallId,
} from './rpc-constants.ts'

/** Who calls what. */
export interface RpcClientSessionOptions extends ClientSessionOptions {
  /** Default 1. */
  readonly version?: bigint
  /** Priority class that the server may use; default 0. */
  readonly serviceClass?: number
}

/** The client end of one connection of Hadoop RPC 9 without authentication (SIMPLE). */
export class RpcClientSession extends BufferedClientSession {
  readonly #clientId: Uint8Array
  readonly #methods: MethodHeaderWriter
  readonly #frameBytesMax: number
  readonly #callerContext: Uint8Array | undefined

  constructor(options: RpcClientSessionOptions) {
    const frameBytesMax = options.responseFrameBytesMax ?? responseFrameBytesMax
    super(options.events, frameBytesMax)
    const { clientId, protocol, callerContext } = options
    if (clientId.length !== clientIdBytes) {
      throw new ProtocolError(
        'ERR_HRPC_HEADER',
        `open a session: found a client id of ${clientId.length} bytes; ${clientIdBytes} are needed`,
        { side: 'local' },
      )
    }
    this.#clientId = clientId
    this.#methods = new MethodHeaderWriter(protocol, options.version ?? protocolVersion)
    this.#callerContext =
      callerContext === undefined ? undefined : RPCCallerContextProto.encode({ context: callerContext })
    this.#frameBytesMax = frameBytesMax
    writePreamble(this.writer, options.serviceClass ?? 0, AuthProtocol.NONE)
    this.#writeContext(options)
  }

  #writeContext({ user, realUser, protocol, clientId }: RpcClientSessionOptions): void {
    const output = this.writer
    const at = output.reserve(frameLengthBytes)
    const callId = SpecialCallId.CONNECTION_CONTEXT
    writeRequestHeader(output, callId, clientId, invalidRetryCount, this.#callerContext)
    IpcConnectionContextProto.encodeDelimited(output, {
      // Who logged in by a token is known by it.
      userInfo: { effectiveUser: user === '' ? undefined : user, realUser },
      protocol,
    })
    this.closeFrame(output, at)
  }

  call<Q>(callId: number, retryCount: number, method: string, codec: MessageCodec<Q>, request: Q): void {
    const output = this.writer
    const at = output.reserve(frameLengthBytes)
    try {
      writeRequestHeader(output, callId, this.#clientId, retryCount, this.#callerContext)
      output.bytes(this.#methods.header(method))
      codec.encodeDelimited(output, request)
    } catch (error) {
      // A message without a required field: half of it must not reach the server.
      output.truncate(at)
      throw error
    }
    this.closeFrame(output, at)
  }

  ping(): void {
    const at = this.writer.reserve(frameLengthBytes)
    writeRequestHeader(this.writer, SpecialCallId.PING, this.#clientId, invalidRetryCount)
    this.closeFrame(this.writer, at)
  }

  protected takeAnswer(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < frameLengthBytes) return -1
    const start = at + frameLengthBytes
    const end = start + frameLength(bytes, at, this.#frameBytesMax)
    if (end > bytes.length) return -1
    const reader = new ByteReader(bytes, start, end)
    let callId = readSuccessCallId(reader)
    if (callId < 0) {
      const header = readResponseHeader(reader)
      callId = header.callId
      if (header.error !== undefined) {
        if (header.fatal) this.refused(header.error)
        else this.events.onError(callId, header.error)
        return end
      }
    }
    this.events.onResponse(callId, bytes, bodyStart(reader), end)
    return end
  }
}
