import type { ByteWriter } from '@cairn/bytes'
import { ProtocolError } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { BufferedSession, sessionInput } from './buffered-session.ts'
import { frameLengthBytes } from './framing.ts'
import { requestFrameBytesMax } from './limits.ts'
import { readForeignReply } from './preamble.ts'
import type { RemoteException } from './remote-exception.ts'
import type { ClientSession, ClientSessionEvents } from './session.ts'

/**
 * What the client ends of all generations share: calls in frames that carry their length, and a first answer that may be
 * another generation's.
 *
 *     opened ──► calls and answers in any order ──► refused (FATAL) or broken (ProtocolError)
 *
 * Preamble and connection context are queued at once: the server answers neither, so the first call can follow in the
 * same packet [hrpc.preamble.4]. The session keeps no list of calls; `callId` in the events is all it knows.
 */
export abstract class BufferedClientSession extends BufferedSession implements ClientSession {
  protected readonly events: ClientSessionEvents
  #state: 'first-answer' | 'answers' | 'refused' = 'first-answer'

  constructor(events: ClientSessionEvents, answerBytesMax: number) {
    super(sessionInput(answerBytesMax))
    this.events = events
  }

  abstract ping(): void

  abstract call<Q>(
    callId: number,
    retryCount: number,
    method: string,
    codec: MessageCodec<Q>,
    request: Q,
  ): void

  /** Handles the answer that begins at `at` and gives its end; −1 when it has not arrived whole. */
  protected abstract takeAnswer(bytes: Uint8Array, at: number): number

  /** Ends the frame that began at `at`, where room for its length is kept. */
  protected closeFrame(output: ByteWriter, at: number): void {
    const length = output.length - at - frameLengthBytes
    if (length > requestFrameBytesMax) {
      output.truncate(at)
      throw new ProtocolError(
        'ERR_HRPC_FRAME_TOO_LARGE',
        `send a request: found ${length} bytes; ${requestFrameBytesMax} is the limit`,
        { side: 'local' },
      )
    }
    output.setU32beAt(at, length)
  }

  process(): void {
    if (this.#state === 'first-answer' && !this.#firstAnswerIsOurs()) return
    const bytes = this.input.view()
    let at = 0
    try {
      while (this.#state === 'answers' && at < bytes.length) {
        const end = this.takeAnswer(bytes, at)
        if (end < 0) break
        at = end
      }
    } finally {
      this.input.consume(this.#state === 'refused' ? bytes.length : at)
    }
  }

  /** Servers of other kinds and generations answer in other ways [hrpc.preamble.3]. */
  #firstAnswerIsOurs(): boolean {
    if (this.input.length === 0) return false
    const foreign = readForeignReply(this.input.view())
    if (foreign === 'more') return false
    this.#state = 'answers'
    if (foreign === undefined) return true
    this.input.consume(this.input.length)
    this.refused(foreign)
    return false
  }

  /** The server ends the connection: nothing that follows counts. */
  protected refused(error: RemoteException): void {
    this.#state = 'refused'
    this.events.onFatal(error)
  }
}
