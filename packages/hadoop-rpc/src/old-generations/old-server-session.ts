import { ByteReader, ByteWriter, ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import { type MessageCodec, RpcResponseHeaderProto_RpcStatusProto as RpcStatus } from '@cairn/hadoop-proto'
import { frameLength, frameLengthBytes } from '../framing.ts'
import {
  callsInFlightMax,
  frameBytesBeforeContextMax,
  inputBytesInitial,
  outputBytesInitialMin,
  readAheadBytes,
  requestFrameBytesMax,
  responseFrameBytesMax,
} from '../limits.ts'
import { RemoteException } from '../remote-exception.ts'
import { sameAt } from '../request-header.ts'
import { invalidRetryCount, RpcErrorClass, rpcMagic, SpecialCallId } from '../rpc-constants.ts'
import type { ConnectionContext, ServerCall, ServerSession, ServerSessionEvents } from '../session.ts'
import { releaseOutput, takeOutput } from '../session-output.ts'
import { AuthMethod, pingLength, switchToSimple } from './constants.ts'

/** Limits of one connection and who hears of its calls. */
export interface OldServerSessionOptions {
  readonly events: ServerSessionEvents
  /** Default 128 MiB. */
  readonly requestFrameBytesMax?: number
  /** Default 1,024. */
  readonly callsInFlightMax?: number
}

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
export abstract class OldServerSession implements ServerSession {
  readonly input: ReceiveBuffer
  readonly #events: ServerSessionEvents
  readonly #preambleBytes: number
  readonly #requestFrameBytesMax: number
  readonly #callsInFlightMax: number
  readonly #output = new ByteWriter(outputBytesInitialMin)
  #state: 'preamble' | 'login' | 'context' | 'calls' | 'refused' = 'preamble'
  #context: ConnectionContext | undefined
  #callsInFlight = 0

  constructor(options: OldServerSessionOptions, preambleBytes: number) {
    this.#events = options.events
    this.#preambleBytes = preambleBytes
    this.#requestFrameBytesMax = options.requestFrameBytesMax ?? requestFrameBytesMax
    this.#callsInFlightMax = options.callsInFlightMax ?? callsInFlightMax
    this.input = new ReceiveBuffer({
      initialBytes: inputBytesInitial,
      maxBytes: this.#requestFrameBytesMax + readAheadBytes,
    })
  }

  /** Reads what follows "hrpc"; gives the authentication method. Throws `ProtocolError` for another generation. */
  protected abstract readPreamble(bytes: Uint8Array): number
  protected abstract readContext(reader: ByteReader): ConnectionContext
  protected abstract readCall(reader: ByteReader): OldCall
  protected abstract writeAnswer<S>(
    output: ByteWriter,
    callId: number,
    codec: MessageCodec<S>,
    response: S,
  ): void
  /** `status` is a number of `RpcStatusProto`. */
  protected abstract writeError(
    output: ByteWriter,
    status: number,
    callId: number,
    error: RemoteException,
  ): void

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
    if (this.#state === 'preamble' && !this.#takePreamble()) return
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

  #takePreamble(): boolean {
    if (this.input.length < this.#preambleBytes) return false
    const bytes = this.input.view(0, this.#preambleBytes)
    try {
      if (!sameAt(bytes, 0, rpcMagic)) {
        throw new ProtocolError('ERR_HRPC_NOT_RPC', 'read the preamble: found no "hrpc"')
      }
      this.#checkAuthMethod(this.readPreamble(bytes.subarray(rpcMagic.length)))
    } catch (error) {
      this.#state = 'refused'
      this.input.consume(this.input.length)
      throw error
    }
    this.input.consume(this.#preambleBytes)
    return true
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
    this.#output.i32be(RpcStatus.SUCCESS)
    this.#output.i32be(4)
    this.#output.i32be(switchToSimple)
    this.#state = 'login'
  }

  #frame(reader: ByteReader): void {
    if (this.#state === 'login') this.#state = 'context'
    else if (this.#state === 'context') this.#acceptContext(this.#decoding(() => this.readContext(reader)))
    else this.#acceptCall(this.#decoding(() => this.readCall(reader)))
  }

  #acceptContext(context: ConnectionContext): void {
    try {
      this.#events.onContext(context)
    } catch (error) {
      throw error instanceof RemoteException ? this.refuse(error.javaClass, error.message) : error
    }
    this.#context = context
    this.#state = 'calls'
  }

  #acceptCall(call: OldCall): void {
    this.#callsInFlight++
    this.#events.onCall({
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
    this.writeError(this.#output, RpcStatus.FATAL, SpecialCallId.REFUSED, error)
    return new ProtocolError('ERR_HRPC_HEADER', `read a request: ${message}`, { cause })
  }

  respond<S>(call: ServerCall, codec: MessageCodec<S>, response: S): void {
    const output = this.#output
    const start = output.length
    try {
      this.writeAnswer(output, call.callId, codec, response)
      const length = output.length - start
      if (length > responseFrameBytesMax) {
        throw new ProtocolError(
          'ERR_HRPC_FRAME_TOO_LARGE',
          `answer ${call.method}: found ${length} bytes; ${responseFrameBytesMax} is the limit`,
          { side: 'local' },
        )
      }
    } catch (error) {
      output.truncate(start)
      throw error
    }
    this.#callsInFlight--
  }

  respondError(call: ServerCall, error: RemoteException): void {
    this.writeError(this.#output, RpcStatus.ERROR, call.callId, error)
    this.#callsInFlight--
  }
}
