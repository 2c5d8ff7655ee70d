/** What stands between a remote call and the operation it asks for: who calls, retries, durability. */
import type { CallContext } from '@cairn/hadoop-ipc'
import type { Core } from '../core.ts'
import type { RpcIds } from '../operations/rpc-ids.ts'
import type { Caller } from '../permissions/caller.ts'
import type { RetryCache } from './retry-cache.ts'

export class Gate {
  readonly core: Core
  readonly retries: RetryCache

  constructor(core: Core, retries: RetryCache) {
    this.core = core
    this.retries = retries
  }

  caller(call: CallContext): Caller {
    return this.core.callers.of(call.user, this.core.env.elapsed())
  }

  /** The answer, once everything journaled so far is durable; at once when it is already. */
  durable<T>(answer: T): T | Promise<T> {
    const { journal } = this.core
    const txid = journal.lastTxId
    if (journal.syncedTxId >= txid) return answer
    return journal.sync(txid).then(() => answer)
  }

  /**
   * Runs a call that must happen once (`@AtMostOnce` in ClientProtocol). `run` returns the id of the file concerned,
   * 0 for none; `answer` makes the answer of it, for the first run and for every repetition.
   */
  once<T>(call: CallContext, run: (ids: RpcIds) => number, answer: (fileId: number) => T): T | Promise<T> {
    const ids = { rpcClientId: call.clientId, rpcCallId: call.callId }
    const known = this.retries.get(ids)
    if (known !== undefined) return this.durable(answer(known))
    const fileId = run(ids)
    this.retries.put(ids, fileId, this.core.env.elapsed())
    return this.durable(answer(fileId))
  }
}
