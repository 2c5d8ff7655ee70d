// Calls of ClientProtocol, on whichever NameNode is active.
//
//   call ──► rpc to the active address ──► answer                        (no promise of ours on this path but one)
//                 │ fails
//                 ▼
//   classify ──► 'fail'        reject with a typed error
//            ├─► 'failover'    next address at once; after a whole round wait, then on
//            └─► 'again'       same address after a wait
//
// A repeated call carries the same client id and call id and a higher retry count, so a NameNode's retry cache answers
// an AtMostOnce method (create, rename, delete, …) that it already did with its first result. Releases without that cache
// are not asked again what may have run.

import { type RpcClient, RpcConnectionError, type RpcMethod } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { RemoteException } from '@cairn/hadoop-rpc'
import { clientProtocol, type HdfsGeneration, hdfsGenerations } from '@cairn/hdfs-protocol'
import type { ClientProtocolMethod, RequestOf, ResponseOf } from '../low-level/call.ts'
import { pause } from '../pause.ts'
import { classifyFailure, type FailureKind } from './classify-failure.ts'
import { explainFailure } from './explain-failure.ts'
import { busyWaitMs, startingWaitMs } from './retry-wait.ts'
import { formatAddress, type NamenodeAddress, type NamenodeTarget } from './target.ts'

/** What every operation takes. */
export interface CallOptions {
  /** Rejects with `signal.reason` when aborted; a change that was already sent may still happen. */
  signal?: AbortSignal | undefined
  /** How long one answer may take, in milliseconds; default `callTimeoutMs` of the client. */
  timeoutMs?: number | undefined
}

/** How a proxy repeats calls. */
export interface RetryOptions {
  /** How long a call is repeated while NameNodes start, fail over or restart, in milliseconds. */
  readonly retryMs: number
  /** How long a change waits for the end of safe mode, in milliseconds; 0: not at all. */
  readonly safeModeWaitMs: number
  /** From 0 to below 1: varies the waits between tries. Default `Math.random`. */
  readonly random?: () => number
}

/** Failures after which the same call may succeed, there or elsewhere. */
const repeatable: ReadonlySet<FailureKind> = new Set([
  'standby',
  'safe-mode',
  'busy',
  'connection',
  'timeout',
  'silent',
])

/** One call under repair. */
interface Attempt<M extends ClientProtocolMethod> {
  readonly method: M
  readonly callId: number
  readonly startedAt: number
  readonly options: CallOptions | undefined
  /** Tries that failed. */
  failures: number
}

/** ClientProtocol on the NameNodes of one cluster. */
export class NamenodeProxy {
  readonly target: NamenodeTarget
  readonly #rpc: RpcClient
  readonly #retry: RetryOptions
  readonly #random: () => number
  #active: NamenodeAddress
  #answered = false

  constructor(rpc: RpcClient, target: NamenodeTarget, retry: RetryOptions) {
    this.#rpc = rpc
    this.target = target
    this.#retry = retry
    this.#random = retry.random ?? Math.random
    this.#active = target.addresses[0]!
  }

  /** The NameNode that gets the next call. */
  get active(): NamenodeAddress {
    return this.#active
  }
  /** How the cluster speaks; today's way until its NameNode has answered. */
  get generation(): HdfsGeneration {
    return this.#generationOf(this.#active)
  }
  #generationOf(address: NamenodeAddress): HdfsGeneration {
    const found = this.#rpc.generationOf(address)
    return hdfsGenerations.find(({ version }) => version === found?.version) ?? hdfsGenerations[0]!
  }
  /** `host:port` of the NameNode that gets the next call. */
  get activeAddress(): string {
    return formatAddress(this.#active)
  }

  /**
   * Calls a method. Rejects with RemoteException (the NameNode refused), NamenodeError (no NameNode did it), or the
   * signal's reason.
   */
  call<M extends ClientProtocolMethod>(
    method: M,
    request: RequestOf<M>,
    options?: CallOptions,
  ): Promise<ResponseOf<M>> {
    const callId = this.#rpc.nextCallId()
    const address = this.#active
    return this.#send(address, method, request, { callId, ...options }).then(
      (response) => {
        this.#answered = true
        return response
      },
      (error: unknown) =>
        this.#recover(error, address, request, {
          method,
          callId,
          startedAt: performance.now(),
          options,
          failures: 1,
        }),
    )
  }

  #send<M extends ClientProtocolMethod>(
    address: NamenodeAddress,
    name: M,
    request: RequestOf<M>,
    options: CallOptions & { callId: number; retryCount?: number },
  ): Promise<ResponseOf<M>> {
    const method = ClientNamenodeProtocol[name] as unknown as RpcMethod<RequestOf<M>, ResponseOf<M>>
    return this.#rpc.call(address, clientProtocol.name, method, request, options)
  }

  /** Repeats a failed call until it is answered or not worth repeating. */
  async #recover<M extends ClientProtocolMethod>(
    firstError: unknown,
    firstAddress: NamenodeAddress,
    request: RequestOf<M>,
    attempt: Attempt<M>,
  ): Promise<ResponseOf<M>> {
    let error = firstError
    let address = firstAddress
    for (;;) {
      const waitMs = this.#nextStep(error, address, attempt)
      if (waitMs > 0) await pause(waitMs, attempt.options?.signal)
      address = this.#active
      const retry = { ...attempt.options, callId: attempt.callId, retryCount: attempt.failures }
      try {
        const response = await this.#send(address, attempt.method, request, retry)
        this.#answered = true
        return response
      } catch (next) {
        error = next
        attempt.failures += 1
      }
    }
  }

  /** Milliseconds to wait before the next try, which may be at another address; throws when there is none. */
  #nextStep(error: unknown, address: NamenodeAddress, attempt: Attempt<ClientProtocolMethod>): number {
    const kind = classifyFailure(error)
    const elapsedMs = performance.now() - attempt.startedAt
    if (error instanceof RemoteException) this.#answered = true
    const limitMs = kind === 'safe-mode' ? this.#retry.safeModeWaitMs : this.#retry.retryMs
    // One silent NameNode may take longer than all tries together: the others are asked all the same.
    const othersLeft = kind !== 'safe-mode' && attempt.failures < this.target.addresses.length
    if (!repeatable.has(kind) || (elapsedMs >= limitMs && !othersLeft))
      throw explainFailure(error, kind, formatAddress(address))
    // It may have run, and would run again [hgen.repeat.1].
    if (
      error instanceof RpcConnectionError &&
      error.sent &&
      this.#generationOf(address).onlyOnce.has(attempt.method)
    )
      throw explainFailure(error, kind, formatAddress(address))
    if (kind === 'safe-mode') return startingWaitMs(attempt.failures - 1, this.#random)
    if (kind === 'busy') return busyWaitMs(attempt.failures, this.#random)
    if (this.target.addresses.length > 1) return this.#failover(error, kind, address, attempt)
    // A single NameNode: one that answered before may be restarting; one that never did is the wrong address.
    if ((kind === 'connection' || kind === 'silent') && this.#answered)
      return attempt.failures === 1 ? 0 : startingWaitMs(attempt.failures - 2, this.#random)
    throw explainFailure(error, kind, formatAddress(address))
  }

  #failover(
    error: unknown,
    kind: FailureKind,
    address: NamenodeAddress,
    attempt: Attempt<ClientProtocolMethod>,
  ): number {
    const { addresses } = this.target
    // Another call may have moved on already: then just follow it.
    if (this.#active === address) {
      this.#active = addresses[(addresses.indexOf(address) + 1) % addresses.length]!
    }
    const round = Math.floor(attempt.failures / addresses.length)
    if (round > 0 && !this.#answered) {
      throw explainFailure(error, kind, addresses.map(formatAddress).join(', '))
    }
    return attempt.failures % addresses.length === 0 ? busyWaitMs(round, this.#random) : 0
  }
}
