import type { CallForm, MethodForm, ProtocolDialect, RpcGeneration } from '@cairn/hadoop-rpc'
import type { PendingCall } from './pending-call.ts'
import { UnsupportedByReleaseError } from './unsupported-by-release-error.ts'

/** What a connection does for the calls that go over it in another generation's words. */
export interface CallWire {
  readonly address: string
  readonly protocol: string
  readonly generation: RpcGeneration
  send(call: PendingCall, form: MethodForm): void
  /** Makes a call of its own that belongs to `whole`. */
  part<Q, S>(whole: PendingCall, form: MethodForm<Q, S>, request: Q): Promise<S>
  /** Whether a call is not settled yet. */
  waits(call: PendingCall): boolean
  /** Ends a call that nothing on the wire stands for. */
  end(call: PendingCall, settle: (call: PendingCall) => void): void
}

/** Says today's calls as an older generation does [hgen.dialect.1]. */
export class CallsInDialect {
  readonly #dialect: ProtocolDialect
  readonly #wire: CallWire
  #spoken = false
  #greeting = false
  /** Calls whose answer is known without the wire; held until somebody there has spoken. */
  readonly #held: { readonly call: PendingCall; readonly answer: (request: unknown) => unknown }[] = []

  constructor(dialect: ProtocolDialect, wire: CallWire) {
    this.#dialect = dialect
    this.#wire = wire
  }

  /** False: the call is settled already. Throws when it cannot be encoded. */
  send(call: PendingCall): boolean {
    const { method } = call
    const said = this.#dialect.clientForm(method.name, call.request)
    switch (said?.kind) {
      case undefined:
      case 'call':
        call.answerCodec = (said?.form ?? method).response
        this.#wire.send(call, said?.form ?? method)
        return true
      case 'local':
        return this.#local(call, said.answer)
      case 'composed':
        this.#compose(call, said.run)
        return true
      case 'absent':
        call.reject(this.absent(said.what ?? method.name, said.since))
        return false
    }
  }

  /** The error of a call that cannot be had. */
  absent(method: string, since: string): UnsupportedByReleaseError {
    const { address, protocol, generation } = this.#wire
    return new UnsupportedByReleaseError({
      address,
      protocol,
      method,
      generation,
      dialect: this.#dialect,
      since,
    })
  }

  #local(call: PendingCall, answer: (request: unknown) => unknown): boolean {
    const { greeting } = this.#dialect
    if (this.#spoken || greeting === undefined) {
      answerLocally(call, answer)
      return false
    }
    this.#held.push({ call, answer })
    if (!this.#greeting) this.#greet(call, greeting)
    return true
  }

  /** Has a word of the server for all that are held; who gives up the first call does not take it from the others. */
  #greet(first: PendingCall, greeting: NonNullable<ProtocolDialect['greeting']>): void {
    this.#greeting = true
    this.#wire.part({ ...first, signal: undefined }, greeting.form, greeting.request).then(
      () => this.spoken(),
      (error: unknown) => {
        this.#greeting = false
        const waiting = this.#held.splice(0).filter(({ call }) => this.#wire.waits(call))
        const next = waiting.find(({ call }) => call.deadlineMs > first.deadlineMs)
        if (next !== undefined && performance.now() >= first.deadlineMs) {
          this.#held.push(...waiting)
          this.#greet(next.call, greeting)
          return
        }
        for (const { call } of waiting) this.#wire.end(call, (held) => held.reject(error))
      },
    )
  }

  #compose(call: PendingCall, run: (request: unknown, part: CallForm) => Promise<unknown>): void {
    const part: CallForm = (form, request) => this.#wire.part(call, form, request)
    run(call.request, part).then(
      (response) => this.#wire.end(call, (whole) => whole.resolve(response)),
      (error: unknown) => this.#wire.end(call, (whole) => whole.reject(error)),
    )
  }

  /** The server has answered something: what is held can be answered too. */
  spoken(): void {
    this.#spoken = true
    for (const { call, answer } of this.#held.splice(0)) {
      this.#wire.end(call, (held) => answerLocally(held, answer))
    }
  }
}

function answerLocally(call: PendingCall, answer: (request: unknown) => unknown): void {
  try {
    call.resolve(answer(call.request))
  } catch (error) {
    call.reject(error)
  }
}
