import type { MessageCodec } from '@cairn/hadoop-proto'
import { BufferedSession, sessionInput } from './buffered-session.ts'
import type { RpcGeneration, ServerSessionOptions } from './generation.ts'
import { requestFrameBytesMax } from './limits.ts'
import { refusePreamble } from './preamble.ts'
import type { RemoteException } from './remote-exception.ts'
import { sameAt } from './request-header.ts'
import { rpcMagic } from './rpc-constants.ts'
import type { ServerCall, ServerSession } from './session.ts'

/** "hrpc" and the version: what decides which generation a client speaks [hgen.choose.1]. */
const decidingBytes = 5

/** Which generations a server speaks. */
export interface PreambleSessionOptions extends ServerSessionOptions {
  /** The favourite first. */
  readonly generations: readonly RpcGeneration[]
  /** What to do to have more of them, for refusals. */
  readonly moreHint?: string | undefined
}

/**
 * The server end of a connection before its first five bytes have come. Then `chosen` is the session of the client's
 * generation, with the same `input`: it takes the preamble itself, at its own `process()`. Peers that speak none of the
 * generations get the answer that their kind understands, and `process()` throws.
 */
export class PreambleSession extends BufferedSession implements ServerSession {
  readonly context = undefined
  readonly callsInFlight = 0
  readonly blocked = false
  readonly #options: PreambleSessionOptions
  #chosen: ServerSession | undefined
  #generation: RpcGeneration | undefined

  constructor(options: PreambleSessionOptions) {
    super(options.input ?? sessionInput(options.requestFrameBytesMax ?? requestFrameBytesMax))
    this.#options = options
  }

  /** The session that takes over, once the client has said what it speaks. */
  get chosen(): ServerSession | undefined {
    return this.#chosen
  }

  /** What the client speaks, as soon as it has said so. */
  get generation(): RpcGeneration | undefined {
    return this.#generation
  }

  process(): void {
    const { input } = this
    if (this.#chosen !== undefined || input.length < decidingBytes) return
    const bytes = input.view(0, decidingBytes)
    const { generations, moreHint } = this.#options
    const generation = sameAt(bytes, 0, rpcMagic)
      ? generations.find(({ version }) => version === bytes[4])
      : undefined
    if (generation === undefined) {
      const spoken = generations.map(({ version }) => version)
      const error = refusePreamble(bytes, this.writer, spoken, moreHint)
      input.consume(input.length)
      throw error
    }
    this.#generation = generation
    this.#chosen = generation.serverSession({ ...this.#options, input })
  }

  /** There are no calls yet. */
  respond<S>(_call: ServerCall, _codec: MessageCodec<S>, _response: S): void {}

  respondError(_call: ServerCall, _error: RemoteException): void {}
}
