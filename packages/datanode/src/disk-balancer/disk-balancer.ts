// Evens out the volumes of this node by a plan that somebody made outside; `DiskBalancer`. One plan at a time, its
// steps one after the other, beside everything else and no faster than it may.
import { createHash } from 'node:crypto'
import type { Logger } from '../logger.ts'
import type { DataStorage } from '../storage/data-storage.ts'
import { moveReplica } from '../storage/move-replica.ts'
import { formatReplica, type Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolSlice, Volume } from '../storage/volume.ts'
import { isCorruption } from '../transfer/refuse.ts'
import { Throttle } from '../transfer/throttle.ts'
import { DiskBalancerError } from './disk-balancer-error.ts'
import { type NodePlan, parseNodePlan } from './node-plan.ts'
import { WorkItem } from './work-item.ts'

/** Settings, named as in Hadoop's configuration after `dfs.disk.balancer.`. */
export interface DiskBalancerOptions {
  /** `enabled`. Default true. */
  readonly enabled?: boolean
  /** `max.disk.throughputInMBperSec`. Default 10. */
  readonly maxThroughputMiBPerSecond?: number
  /** `max.disk.errors`. Default 5. */
  readonly maxDiskErrors?: number
  /** `block.tolerance.percent`. Default 10. */
  readonly blockTolerancePercent?: number
  /** `plan.valid.interval`. Default 24 h. */
  readonly planValidMs?: number
}

/** What the disk balancer needs of its DataNode. */
export interface DiskBalancerHost {
  readonly logger: Logger
  readonly storage: Pick<DataStorage, 'datanodeUuid' | 'volumes' | 'pools'>
  /** A replica is on another volume now. */
  moved(blockPoolId: string, replica: Replica): void
  /** A replica seems to be damaged. */
  suspect(blockPoolId: string, replica: Replica): void
  now(): number
}

/** `DiskBalancerWorkStatus.Result`. */
export const planResult = { NO_PLAN: 0, PLAN_UNDER_PROGRESS: 1, PLAN_DONE: 2, PLAN_CANCELLED: 3 } as const

/** `DiskBalancerWorkStatus`. */
export interface PlanStatus {
  /** A number of `planResult`. */
  readonly result: number
  readonly planId: string
  readonly planFile: string
  /** JSON for people and `-query -v`. */
  readonly currentStatus: string
}

/** A plan as it is submitted. */
export interface SubmittedPlan {
  /** SHA-1 of the plan, in hexadecimal. */
  readonly planId: string
  readonly version: number
  /** JSON. */
  readonly plan: string
  /** Where the administrator's tool keeps it. */
  readonly planFile: string
  /** Also takes a plan that is old. */
  readonly ignoreDateCheck: boolean
}

const planVersion = 1
const planValidMsDefault = 24 * 3_600_000
const maxThroughputDefault = 10

export class DiskBalancer {
  readonly #options: DiskBalancerOptions
  readonly #host: DiskBalancerHost
  #planId = ''
  #planFile = ''
  #result: number = planResult.NO_PLAN
  #items: readonly WorkItem[] = []
  #paths = new Map<string, string>()
  #aborter: AbortController | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: DiskBalancerOptions, host: DiskBalancerHost) {
    this.#options = options
    this.#host = host
  }

  /** Checks a plan and begins with it. */
  submit(submitted: SubmittedPlan): void {
    this.#requireEnabled()
    if (this.#result === planResult.PLAN_UNDER_PROGRESS)
      throw new DiskBalancerError('PLAN_ALREADY_IN_PROGRESS', 'Executing another plan')
    const plan = this.#verify(submitted)
    this.#items = this.#itemsOf(plan)
    this.#paths = new Map(this.#host.storage.volumes.map(({ storageId, path }) => [storageId, path]))
    this.#planId = submitted.planId
    this.#planFile = submitted.planFile
    this.#result = planResult.PLAN_UNDER_PROGRESS
    const aborter = new AbortController()
    this.#aborter = aborter
    this.#running = this.#run(aborter.signal)
  }

  query(): PlanStatus {
    this.#requireEnabled()
    const entries = this.#items.map((item) => ({
      sourcePath: this.#paths.get(item.sourceId) ?? '',
      destPath: this.#paths.get(item.destinationId) ?? '',
      workItem: item.toJson(),
    }))
    return {
      result: this.#result,
      planId: this.#planId,
      planFile: this.#planFile,
      currentStatus: JSON.stringify(entries, null, 2),
    }
  }

  cancel(planId: string): void {
    this.#requireEnabled()
    if (planId === '' || planId !== this.#planId) throw new DiskBalancerError('NO_SUCH_PLAN', 'No such plan.')
    if (this.#result !== planResult.PLAN_UNDER_PROGRESS) return
    this.#result = planResult.PLAN_CANCELLED
    this.#aborter?.abort(new Error('the plan was cancelled'))
  }

  /** `getDiskBalancerSetting`: the directories by storage id, or the throughput. */
  setting(key: string): string {
    this.#requireEnabled()
    switch (key) {
      case 'DiskBalancerVolumeName':
        return JSON.stringify(
          Object.fromEntries(this.#host.storage.volumes.map(({ storageId, path }) => [storageId, path])),
        )
      case 'DiskBalancerBandwidth':
        return String(this.#options.maxThroughputMiBPerSecond ?? maxThroughputDefault)
      default:
        throw new DiskBalancerError('UNKNOWN_KEY', `Unknown key ${key}`)
    }
  }

  /** Ends a plan that is under way. */
  async close(): Promise<void> {
    this.#aborter?.abort(new Error('the DataNode stops'))
    await this.#running
  }

  /** Whether plans are taken. */
  get enabled(): boolean {
    return this.#options.enabled ?? true
  }

  #requireEnabled(): void {
    if (this.enabled) return
    throw new DiskBalancerError('DISK_BALANCER_NOT_ENABLED', 'Disk Balancer is not enabled.')
  }

  #verify(submitted: SubmittedPlan): NodePlan {
    if (submitted.version !== planVersion)
      throw new DiskBalancerError('INVALID_PLAN_VERSION', `Invalid plan version: ${submitted.version}`)
    if (submitted.plan === '') throw new DiskBalancerError('INVALID_PLAN', 'Invalid plan.')
    const hash = createHash('sha1').update(submitted.plan).digest('hex')
    if (hash !== submitted.planId.toLowerCase())
      throw new DiskBalancerError('INVALID_PLAN_HASH', 'Invalid or mis-matched hash.')
    const plan = parseNodePlan(submitted.plan)
    const validMs = this.#options.planValidMs ?? planValidMsDefault
    if (!submitted.ignoreDateCheck && plan.timeStampMs + validMs < this.#host.now())
      throw new DiskBalancerError('OLD_PLAN_SUBMITTED', `Plan was generated more than ${validMs} ms ago`)
    if (plan.nodeUuid !== this.#host.storage.datanodeUuid)
      throw new DiskBalancerError('DATANODE_ID_MISMATCH', 'Plan was generated for another node.')
    return plan
  }

  /** One item for each pair of volumes. */
  #itemsOf(plan: NodePlan): WorkItem[] {
    const defaults = {
      maxDiskErrors: this.#options.maxDiskErrors ?? 5,
      tolerancePercent: this.#options.blockTolerancePercent ?? 10,
      bandwidth: this.#options.maxThroughputMiBPerSecond ?? maxThroughputDefault,
    }
    const items = new Map<string, WorkItem>()
    for (const step of plan.steps) {
      const source = this.#volume(step.sourceId, 'source')
      const destination = this.#volume(step.destinationId, 'dest')
      if (source === destination)
        throw new DiskBalancerError('INVALID_MOVE', `Same source and dest: ${source.path}`)
      if (source.storageType !== destination.storageType) {
        const found = `${source.path} and ${destination.path} are of different storage types`
        throw new DiskBalancerError('INVALID_MOVE', `Invalid move: ${found}`)
      }
      const pair = `${step.sourceId} ${step.destinationId}`
      const present = items.get(pair)
      if (present) present.bytesToCopy += step.bytesToMove
      else items.set(pair, new WorkItem(step, defaults))
    }
    return [...items.values()]
  }

  #volume(storageId: string, role: string): Volume {
    const volume = this.#host.storage.volumes.find((candidate) => candidate.storageId === storageId)
    if (volume) return volume
    throw new DiskBalancerError('INVALID_VOLUME', `Unable to find ${role} volume: ${storageId}`)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { logger } = this.#host
    logger.info({ planId: this.#planId, steps: this.#items.length }, 'evens out volumes by a plan')
    try {
      for (const item of this.#items) {
        if (!signal.aborted) await this.#work(item, signal)
      }
    } catch (error) {
      logger.error({ planId: this.#planId, error: (error as Error).message }, 'gave up a disk balancer plan')
    }
    if (this.#result === planResult.PLAN_UNDER_PROGRESS) this.#result = planResult.PLAN_DONE
    logger.info(
      { planId: this.#planId, status: this.query().currentStatus },
      'a disk balancer plan has ended',
    )
  }

  async #work(item: WorkItem, signal: AbortSignal): Promise<void> {
    const { now } = this.#host
    const throttle = new Throttle(item.bandwidth * 1024 * 1024)
    item.startTimeMs = now()
    for (const store of this.#host.storage.pools()) {
      const source = sliceOf(store, item.sourceId)
      const target = sliceOf(store, item.destinationId)
      if (!source || !target) continue
      for (const replica of completeReplicas(store, source)) {
        if (signal.aborted || item.failed || item.closeEnough) break
        if (!item.wants(replica.length)) continue
        await this.#move(item, store, replica, target, { throttle, signal })
        item.secondsElapsed = Math.floor((now() - item.startTimeMs) / 1000)
      }
    }
    if (item.failed) item.errMsg = `Error count exceeded: ${item.errMsg ?? ''}`
  }

  async #move(
    item: WorkItem,
    store: ReplicaStore,
    replica: Replica,
    target: PoolSlice,
    options: Parameters<typeof moveReplica>[3],
  ): Promise<void> {
    try {
      if (target.volume.space().remaining < replica.length)
        throw new Error(`found no room for ${replica.length} bytes on ${target.volume.path}`)
      await moveReplica(store, replica, target, options)
      item.bytesCopied += replica.length
      item.blocksCopied++
      this.#host.moved(store.pool.blockPoolId, replica)
    } catch (error) {
      if (options?.signal?.aborted) return
      item.errorCount++
      item.errMsg = (error as Error).message
      if (isCorruption(error)) this.#host.suspect(store.pool.blockPoolId, replica)
      this.#host.logger.warn(
        { block: formatReplica(replica), error: item.errMsg },
        'could not move a replica to another volume',
      )
    }
  }
}

function sliceOf(store: ReplicaStore, storageId: string): PoolSlice | undefined {
  return store.slices.find(({ volume }) => volume.storageId === storageId)
}

/** Those on one volume; the store may change meanwhile. */
function* completeReplicas(store: ReplicaStore, slice: PoolSlice): Generator<Replica> {
  for (let shard = 0; shard < store.index.shardCount; shard++) {
    for (const blockId of store.index.blockIds(shard)) {
      const row = store.index.row(blockId)
      if (!row || row.live || row.slice !== slice) continue
      const replica = store.find(blockId)
      if (replica?.state === 'FINALIZED' && replica.slice === slice) yield replica
    }
  }
}
