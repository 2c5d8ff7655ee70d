/**
 * Answers of calls that may be asked once more but must happen once; org.apache.hadoop.ipc.RetryCache.
 *
 * A call is named by client id and call id. What is kept is the id of the file that it made or opened (0 for calls
 * without one): the answer is made anew from it. Two generations take turns, so that old entries go in bulk: an entry
 * lives for at least `lifeMs`, unless `entriesMax` younger ones push it out.
 */
import type { EditOp } from '@cairn/hdfs-storage'
import type { RpcIds } from '../operations/rpc-ids.ts'

/** dfs.namenode.retrycache.expirytime.millis */
const lifeMs = 600_000
/** Calls per generation; at 10,000 changes a second the last 25 s or more are remembered. */
const entriesMax = 262_144
/** Length of a client id: ClientId.BYTE_LENGTH. */
const clientIdBytes = 16

type Generation = Map<string, Map<number, number>>

export class RetryCache {
  #young: Generation = new Map()
  #old: Generation = new Map()
  #youngCount = 0
  #youngSinceMs = 0

  /** Id of the file of an earlier run of this call; undefined when it did not run. */
  get(call: RpcIds): number | undefined {
    if (call.rpcClientId.length !== clientIdBytes || call.rpcCallId < 0) return undefined
    const client = keyOf(call.rpcClientId)
    return this.#young.get(client)?.get(call.rpcCallId) ?? this.#old.get(client)?.get(call.rpcCallId)
  }

  put(call: RpcIds, fileId: number, nowMs: number): void {
    if (call.rpcClientId.length !== clientIdBytes || call.rpcCallId < 0) return
    if (this.#youngCount >= entriesMax || nowMs - this.#youngSinceMs > lifeMs) this.#age(nowMs)
    const client = keyOf(call.rpcClientId)
    const calls = this.#young.get(client)
    if (calls === undefined) this.#young.set(client, new Map([[call.rpcCallId, fileId]]))
    else calls.set(call.rpcCallId, fileId)
    this.#youngCount++
  }

  /** Remembers what a replayed operation stands for. */
  replay(op: EditOp, fileIdAt: (path: string) => number, nowMs: number): void {
    if (!('rpcClientId' in op)) return
    const fileId = op.op === 'OP_ADD' ? op.inodeId : op.op === 'OP_APPEND' ? fileIdAt(op.path) : 0
    this.put(op, fileId, nowMs)
  }

  #age(nowMs: number): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#youngCount = 0
    this.#youngSinceMs = nowMs
  }
}

function keyOf(clientId: Uint8Array): string {
  return String.fromCharCode.apply(undefined, clientId as unknown as number[])
}
