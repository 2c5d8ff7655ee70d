import { ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { BufferedSession, sessionInput } from './buffered-session.ts'
import { frameLength, frameLengthBytes } from './framing.ts'
import type { ServerSessionOptions } from './generation.ts'
import {
  callsInFlightMax,
  frameBytesBeforeContextMax,
  requestFrameBytesMax,
  responseFrameBytesMax,
} from './limits.ts'
import type { RemoteException } from './remote-exception.ts'
import type { ConnectionContext, ServerCall, ServerSession, ServerSessionEvents } from './session.ts'

/** What tells generations apart before any frame. */
export interface OpeningForm {
  /** Bytes of the preamble, "hrpc" included. */
  readonly preambleBytes: number
  /** Stands where a frame's length would, as a sign of life; undefined: nothing does. */
  readonly pingLength?: number
}

/**
 * What the server ends of all generations share: a preamble, frames within limits, calls in flight, answers.
 *
 *     preamble ──► [login] ──► connection context ──► calls
 *         └──────────┴── a fault: a last answer queued, ProtocolError thrown ──┘
 */
export abstract class BufferedServerSession extends BufferedSession implements ServerSession {
  protected readonly events: ServerSessionEvents
  protected established: ConnectionContext | undefined
  readonly #form: OpeningForm
  readonly #requestFrameBytesMax: number
  readonly #callsInFlightMax: number
  #state: 'preamble' | 'frames' | 'ended' = 'preamble'
  #callsInFlight = 0

  constructor(options: ServerSessionOptions, form: OpeningForm) {
    const frameBytesMax = options.requestFrameBytesMax ?? requestFrameBytesMax
    super(options.input ?? sessionInput(frameBytesMax))
    this.events = options.events
    this.#form = form
    this.#requestFrameBytesMax = frameBytesMax
    this.#callsInFlightMax = options.callsInFlightMax ?? callsInFlightMax
  }

  /** Takes a whole preamble; throws `ProtocolError` when it is not this generation's. */
  protected abstract openWith(preamble: Uint8Array): void
  /** Takes one frame's content. */
  protected abstract takeFrame(reader: ByteReader): void
  protected abstract writeAnswer<S>(
    output: ByteWriter,
    call: ServerCall,
    codec: MessageCodec<S>,
    response: S,
  ): void
  /** Writes why a call failed. */
  protected abstract writeCallError(output: ByteWriter, call: ServerCall, error: RemoteException): void

  get context(): ConnectionContext | undefined {
    return this.established
  }

  get callsInFlight(): number {
    return this.#callsInFlight
  }

  get blocked(): boolean {
    return this.#callsInFlight >= this.#callsInFlightMax
  }

  override get midFrame(): boolean {
    return this.input.length > 0 && !this.blocked
  }

  protected get ended(): boolean {
    return this.#state === 'ended'
  }

  process(): void {
    if (this.#state === 'preamble' && !this.#takePreamble()) return
    const { pingLength } = this.#form
    const bytes = this.input.view()
    let at = 0
    try {
      while (this.#state === 'frames' && !this.blocked && bytes.length - at >= frameLengthBytes) {
        const start = at + frameLengthBytes
        if (pingLength !== undefined && new ByteReader(bytes, at).i32be() === pingLength) {
          at = start
          continue
        }
        const end = start + frameLength(bytes, at, this.#frameLimit())
        if (end > bytes.length) break
        at = end
        this.takeFrame(new ByteReader(bytes, start, end))
      }
    } catch (error) {
      this.#state = 'ended'
      throw error
    } finally {
      this.input.consume(this.#state === 'ended' ? bytes.length : at)
    }
  }

  #frameLimit(): number {
    return this.established !== undefined
      ? this.#requestFrameBytesMax
      : Math.min(frameBytesBeforeContextMax, this.#requestFrameBytesMax)
  }

  #takePreamble(): boolean {
    const { preambleBytes } = this.#form
    if (this.input.length < preambleBytes) return false
    try {
      this.openWith(this.input.view(0, preambleBytes))
    } catch (error) {
      this.#state = 'ended'
      this.input.consume(this.input.length)
      throw error
    }
    this.input.consume(preambleBytes)
    this.#state = 'frames'
    return true
  }

  protected report(call: ServerCall): void {
    this.#callsInFlight++
    this.events.onCall(call)
  }

  respond<S>(call: ServerCall, codec: MessageCodec<S>, response: S): void {
    const output = this.writer
    const start = output.length
    try {
      this.writeAnswer(output, call, codec, response)
      const length = output.length - start - frameLengthBytes
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
    this.writeCallError(this.writer, call, error)
    this.#callsInFlight--
  }
}
