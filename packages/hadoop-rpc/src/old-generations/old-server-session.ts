import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { ProtocolError } from '@cairn/bytes'
import { RpcResponseHeaderProto_RpcStatusProto as RpcStatus } from '@cairn/hadoop-proto'
import { BufferedServerSession } from '../buffered-server-session.ts'
import type { ServerSessionOptions } from '../generation.ts'
import { RemoteException } from '../remote-exception.ts'
import { sameAt } from '../request-header.ts'
import { invalidRetryCount, RpcErrorClass, rpcMagic, SpecialCallId } from '../rpc-constants.ts'
import type { ConnectionContext, ServerCall } from '../session.ts'
import { AuthMethod, pingLength, switchToSimple } from './constants.ts'

/** Limits of one connection and who hears of its calls. */
export type OldServerSessionOptions = ServerSessionOptions

/** What a generation reads of a call. */
export type OldCall = Pick<
  ServerCall,
  'callId' | 'protocol' | 'method' | 'version' | 'bytes' | 'start' | 'end'
>

/** Callers of these generations have no id: the retry cache knows nothing of them. */
const noClientId = new Uint8Array(0)

/**
 * What the server ends of generations before 9 share, without authentication (SIMPLE).
 *
 *     preamble ──► [first login message, dropped] ──► connection context ──► calls
 *         └──────────────┴── a fault: FATAL answer queued, ProtocolError thrown ──┘
 */
export abstract class OldServerSession extends BufferedServerSession {
  #state: 'login' | 'context' | 'calls' | 'refused' = 'context'

  constructor(options: OldServerSessionOptions, preambleBytes: number) {
    super(options, { preambleBytes, pingLength })
  }

  /** Reads what follows "hrpc"; gives the authentication method. Throws `ProtocolError` for another generation. */
  protected abstract readPreamble(bytes: Uint8Array): number
  protected abstract readContext(reader: ByteReader): ConnectionContext
  protected abstract readCall(reader: ByteReader): OldCall
  /** `status` is a number of `RpcStatusProto`. */
  protected abstract writeError(
    output: ByteWriter,
    status: number,
    callId: number,
    error: RemoteException,
  ): void

  protected openWith(preamble: Uint8Array): void {
    if (!sameAt(preamble, 0, rpcMagic)) {
      throw new ProtocolError('ERR_HRPC_NOT_RPC', 'read the preamble: found no "hrpc"')
    }
    this.#checkAuthMethod(this.readPreamble(preamble.subarray(rpcMagic.length)))
  }

  /** Who wants to log in hears that there is no need to; what it has sent for that already is dropped. */
  #checkAuthMethod(method: number): void {
    if (method === AuthMethod.SIMPLE) {
      this.#state = 'context'
      return
    }
    if (method !== AuthMethod.KERBEROS && method !== AuthMethod.DIGEST) {
      throw this.refuse(RpcErrorClass.IpcException, `Unknown authentication method: ${method}`)
    }
    this.writer.i32be(RpcStatus.SUCCESS)
    this.writer.i32be(4)
    this.writer.i32be(switchToSimple)
    this.#state = 'login'
  }

  protected takeFrame(reader: ByteReader): void {
    if (this.#state === 'login') this.#state = 'context'
    else if (this.#state === 'context') this.#acceptContext(this.#decoding(() => this.readContext(reader)))
    else this.#acceptCall(this.#decoding(() => this.readCall(reader)))
  }

  #acceptContext(context: ConnectionContext): void {
    try {
      this.events.onContext(context)
    } catch (error) {
      throw error instanceof RemoteException ? this.refuse(error.javaClass, error.message) : error
    }
    this.established = context
    this.#state = 'calls'
  }

  #acceptCall(call: OldCall): void {
    this.report({
      ...call,
      retryCount: invalidRetryCount,
      clientId: noClientId,
      callerContext: undefined,
      stateId: undefined,
    })
  }

  /** What cannot be decoded ends the connection: nobody knows then which call it was. */
  #decoding<T>(decode: () => T): T {
    try {
      return decode()
    } catch (cause) {
      if (!(cause instanceof ProtocolError) || this.#state === 'refused') throw cause
      throw this.refuse(RpcErrorClass.RpcServerException, `Error decoding a request: ${cause.message}`, cause)
    }
  }

  /** Queues the answer that ends a connection; returns the error to throw. */
  protected refuse(javaClass: string, message: string, cause?: unknown): ProtocolError {
    this.#state = 'refused'
    const error = new RemoteException(javaClass, message)
    this.writeError(this.writer, RpcStatus.FATAL, SpecialCallId.REFUSED, error)
    return new ProtocolError('ERR_HRPC_HEADER', `read a request: ${message}`, { cause })
  }

  protected writeCallError(output: ByteWriter, call: ServerCall, error: RemoteException): void {
    this.writeError(output, RpcStatus.ERROR, call.callId, error)
  }
}
