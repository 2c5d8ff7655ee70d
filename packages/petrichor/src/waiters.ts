import { setMaxListeners } from 'node:events'
import type { Value } from '@cairn/tnetstrings'
import { PetrichorError } from './errors.ts'
import type { Message } from './message.ts'

/** Between two messages the other side has ended: what `readChunk` answers, as null is a value. [petri.recv.1] */
export const EOF: unique symbol = Symbol('petrichor.EOF')

/** How a call waits. */
export interface WaitOptions {
  /** Rejects with the signal's reason. The connection stays usable: a late answer is read and dropped. */
  readonly signal?: AbortSignal | undefined
  /** Rejects with `ERR_PETRICHOR_REPLY_TIMEOUT`, and leaves the connection usable as an abort does. */
  readonly timeoutMs?: number | undefined
}

/** One who waits for a message, or with `wantsChunk` for one value. */
export interface Waiter {
  wantsChunk: boolean
  /** A request whose answer comes in turn: after an abort its place must be kept. */
  isRequest: boolean
  resolve: ((answer: Message | null) => void) | undefined
  resolveChunk: ((answer: Value | typeof EOF) => void) | undefined
  reject: (reason: unknown) => void
  /** When it gives up, by `performance.now()`; Infinity for never. */
  deadline: number
  /** True when it was aborted and what comes for it is dropped. */
  isGone: boolean
  stopListening: (() => void) | undefined
}

/**
 * Who waits for which message: those with a number by number, the others in the order in which they asked. [petri.correlate.1]
 * [petri.correlate.2]
 */
export class Waiters {
  readonly inTurn: Waiter[] = []
  readonly byNumber = new Map<number, Waiter>()
  /** False where nobody who waits has one: most connections, most of the time. */
  private hasDeadlines = false

  /** A promise for the next message in turn, or for the answer to request `number`. */
  wait(
    isRequest: boolean,
    number: number | undefined,
    options: WaitOptions | undefined,
  ): Promise<Message | null> {
    return new Promise((resolve, reject) => {
      this.add(newWaiter(isRequest, reject, resolve, undefined), number, options)
    })
  }

  waitChunk(options: WaitOptions | undefined): Promise<Value | typeof EOF> {
    return new Promise((resolve, reject) => {
      this.add(newWaiter(false, reject, undefined, resolve), undefined, options)
    })
  }

  get size(): number {
    return this.inTurn.length + this.byNumber.size
  }

  /** Rejects those whose time is over. */
  sweep(now: number): void {
    if (!this.hasDeadlines) return
    this.hasDeadlines = false
    for (const [number, waiter] of this.byNumber) this.look(now, waiter, number)
    for (const waiter of [...this.inTurn]) this.look(now, waiter, undefined)
  }

  private look(now: number, waiter: Waiter, number: number | undefined): void {
    if (now > waiter.deadline) this.giveUp(waiter, number, late())
    else if (waiter.deadline < Number.POSITIVE_INFINITY) this.hasDeadlines = true
  }

  /** Ends every wait: with an error, or at a clean end with null. */
  finish(error: unknown): void {
    const all = [...this.inTurn.splice(0), ...this.byNumber.values()]
    this.byNumber.clear()
    for (const waiter of all) {
      waiter.stopListening?.()
      if (waiter.isGone) continue
      if (error !== undefined) waiter.reject(error)
      else if (waiter.resolve !== undefined) waiter.resolve(null)
      else waiter.resolveChunk?.(EOF)
    }
  }

  private add(waiter: Waiter, number: number | undefined, options: WaitOptions | undefined): void {
    if (options !== undefined) {
      const { signal, timeoutMs } = options
      if (signal?.aborted) {
        waiter.reject(signal.reason)
        return
      }
      if (timeoutMs !== undefined) {
        waiter.deadline = performance.now() + timeoutMs
        this.hasDeadlines = true
      }
      if (signal !== undefined) {
        const onAbort = () => this.giveUp(waiter, number, signal.reason)
        // Many requests may share a signal; Node would take that for a leak.
        setMaxListeners(0, signal)
        signal.addEventListener('abort', onAbort, { once: true })
        waiter.stopListening = () => signal.removeEventListener('abort', onAbort)
      }
    }
    if (number === undefined) this.inTurn.push(waiter)
    else this.byNumber.set(number, waiter)
  }

  private giveUp(waiter: Waiter, number: number | undefined, reason: unknown): void {
    waiter.stopListening?.()
    waiter.stopListening = undefined
    waiter.deadline = Number.POSITIVE_INFINITY
    if (number !== undefined) this.byNumber.delete(number)
    else if (waiter.isRequest) waiter.isGone = true
    else {
      const at = this.inTurn.indexOf(waiter)
      if (at >= 0) this.inTurn.splice(at, 1)
    }
    waiter.reject(reason)
  }
}

function newWaiter(
  isRequest: boolean,
  reject: Waiter['reject'],
  resolve: Waiter['resolve'],
  resolveChunk: Waiter['resolveChunk'],
): Waiter {
  return {
    wantsChunk: resolveChunk !== undefined,
    isRequest,
    resolve,
    resolveChunk,
    reject,
    deadline: Number.POSITIVE_INFINITY,
    isGone: false,
    stopListening: undefined,
  }
}

function late(): PetrichorError {
  return new PetrichorError('ERR_PETRICHOR_REPLY_TIMEOUT', 'cannot wait any longer: no answer came in time')
}
