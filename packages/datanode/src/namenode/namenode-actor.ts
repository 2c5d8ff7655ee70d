// Life with one NameNode, as Java's `BPServiceActor`:
//
//     connecting ──versionRequest, registerDatanode──▶ serving ──sendHeartbeat every 3 s──▶ serving
//         ▲                                              │  full report when one is due and the NameNode lends a lease
//         └────── NameNode restarted, forgot us ─────────┘  incremental reports as soon as something happened
//
// Reports go one after the other, so that the NameNode never hears of an event before the report that it changes.
// Heartbeats go beside them. A NameNode that is away is asked again soon, then every second, for ever; that it went
// away is seen from its connection, not from the next heartbeat.
import { randomBytes } from 'node:crypto'
import { RemoteException } from '@cairn/hadoop-ipc'
import { javaExceptions } from '@cairn/hdfs-protocol'
import { StorageIdentityError } from '../storage/disk/disk-volume.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { ActorOwner } from './actor-owner.ts'
import { makeFullReport } from './full-report.ts'
import { IncrementalReports } from './incremental-reports.ts'
import type { NamenodeLink } from './namenode-link.ts'
import { poolIdentityOf, softwareVersion } from './registration.ts'
import { RetryDelay } from './retry-delay.ts'

/** How far an actor has come. */
export type ActorState = 'connecting' | 'serving' | 'refused' | 'stopped'

interface Settle {
  resolve(): void
  reject(reason: Error): void
}

/** After a report that failed while the NameNode still answers. */
const reportRetryMs = 1_000

/** The NameNode will never take this DataNode as it is. */
const fatalExceptions: ReadonlySet<string> = new Set([
  javaExceptions.DisallowedDatanodeException,
  javaExceptions.IncorrectVersionException,
])

export class NamenodeActor {
  readonly link: NamenodeLink
  readonly incremental = new IncrementalReports()
  /** Resolves when the NameNode has registered this node and taken a full report; rejects when it never will. */
  readonly ready: Promise<void>
  lastHeartbeatMs: number | undefined
  lastFullReportMs: number | undefined
  readonly #owner: ActorOwner
  #state: ActorState = 'connecting'
  #store: ReplicaStore | undefined
  #capabilities = 0n
  #fullReportDueMs = 0
  #firstReport = true
  #leaseId: bigint | undefined
  #sending = false
  #wake: (() => void) | undefined
  /** Its connection broke since the last heartbeat was sent. */
  #lost = false
  readonly #retryDelay: RetryDelay
  readonly #settleReady: Settle

  constructor(link: NamenodeLink, owner: ActorOwner) {
    this.link = link
    this.#owner = owner
    this.#retryDelay = new RetryDelay(() => owner.random())
    let settle: Settle = { resolve: () => {}, reject: () => {} }
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject }
    })
    this.ready.catch(() => {})
    this.#settleReady = settle
  }

  get state(): ActorState {
    return this.#state
  }

  /** Lives until `stop`; never rejects. */
  async run(): Promise<void> {
    while (this.#state === 'connecting' || this.#state === 'serving') {
      try {
        if (this.#state === 'connecting') await this.#handshake()
        this.#lost = false
        await this.#heartbeat()
        await this.#untilNextHeartbeat()
      } catch (error) {
        await this.#endured(error)
      }
    }
  }

  stop(): void {
    this.#state = 'stopped'
    this.#settleReady.reject(new Error('the DataNode was stopped'))
    this.#wake?.()
  }

  /** The NameNode wants a registration again: it was restarted or had given this node up. */
  registerAgain(): void {
    if (this.#state !== 'serving') return
    this.#state = 'connecting'
    this.#wake?.()
  }

  /** A connection to the NameNode broke: it was perhaps restarted, and waits for this node's blocks. */
  connectionLost(): void {
    this.#lost = true
    this.#wake?.()
  }

  /** A full report goes out as soon as the NameNode lends a lease. */
  scheduleFullReport(): void {
    this.#fullReportDueMs = 0
    this.#wake?.()
  }

  /** Tells the NameNode about this node's disks without waiting for the next heartbeat. */
  heartbeatNow(): void {
    this.#wake?.()
  }

  /** Sends what waits, unless a report is on its way already: then it goes next. */
  sendReports(): void {
    if (this.#sending || this.#state !== 'serving') return
    this.#sending = true
    this.#drainReports()
      .catch((error) => this.#reportFailed(error))
      .finally(() => {
        this.#sending = false
        if (this.incremental.urgent && this.#state === 'serving')
          setTimeout(() => this.sendReports(), reportRetryMs).unref()
      })
  }

  async #handshake(): Promise<void> {
    const info = await this.link.versionRequest()
    this.#capabilities = info.capabilities ?? 0n
    this.#store = await this.#owner.openPool(poolIdentityOf(info))
    const registration = await this.link.registerDatanode(this.#owner.registration())
    this.#owner.registered(registration)
    this.#state = 'serving'
    this.#scheduleFirstReport()
    this.#leaseId = undefined
    this.#owner.logger.info(
      {
        namenode: this.#name,
        blockPoolId: info.blockPoolID,
        version: info.softwareVersion,
        ours: softwareVersion,
      },
      'registered with the NameNode',
    )
  }

  async #heartbeat(): Promise<void> {
    const due = Date.now() >= this.#fullReportDueMs
    const request = this.#owner.reports.heartbeat(this.#owner.registration(), this.#store!)
    const response = await this.link.sendHeartbeat(
      { ...request, requestFullBlockReportLease: due && this.#leaseId === undefined },
      Math.max(1_000, this.#owner.heartbeatIntervalMs) * 20,
    )
    this.lastHeartbeatMs = Date.now()
    this.#owner.heard(this, response)
    for (const command of response.cmds) this.#owner.command(this, command)
    if (this.#state !== 'serving') return
    const leaseId = response.fullBlockReportLeaseId ?? 0n
    if (due && leaseId !== 0n) this.#leaseId = leaseId
    if (this.#leaseId !== undefined || !this.incremental.empty) this.sendReports()
  }

  async #drainReports(): Promise<void> {
    // A turn's worth of events goes together.
    await Promise.resolve()
    while (this.#state === 'serving') {
      const reports = this.incremental.take()
      if (reports) {
        await this.#sendIncremental(reports)
      } else if (this.#leaseId !== undefined) {
        await this.#sendFullReport(this.#leaseId)
      } else {
        if (this.incremental.takeOverflow()) this.scheduleFullReport()
        return
      }
    }
  }

  async #sendIncremental(blocks: NonNullable<ReturnType<IncrementalReports['take']>>): Promise<void> {
    const store = this.#store!
    try {
      await this.link.blockReceivedAndDeleted({
        registration: this.#owner.registration(),
        blockPoolId: store.pool.blockPoolId,
        blocks,
      })
    } catch (error) {
      this.incremental.restore(
        blocks,
        store.slices.map((slice) => slice.volume),
      )
      throw error
    }
  }

  async #sendFullReport(leaseId: bigint): Promise<void> {
    const store = this.#store!
    this.#leaseId = undefined
    const reportId = BigInt.asIntN(64, randomBytes(8).readBigUInt64BE()) || 1n
    const calls = await makeFullReport(store, {
      registration: this.#owner.registration(),
      capabilities: this.#capabilities,
      reportId,
      leaseId,
      splitReplicas: this.#owner.blockReportSplitReplicas,
    })
    const count = store.count
    for (const call of calls) {
      const { cmd } = await this.link.blockReport(call)
      if (cmd) this.#owner.command(this, cmd)
    }
    this.lastFullReportMs = Date.now()
    this.#scheduleNextReport()
    this.#owner.logger.info(
      { namenode: this.#name, replicas: count, calls: calls.length },
      'sent a full block report',
    )
    this.#settleReady.resolve()
  }

  /** Nodes of a cluster that was started together do not all report in the same second. */
  #scheduleFirstReport(): void {
    const { blockReportInitialDelayMs } = this.#owner
    this.#fullReportDueMs = Date.now() + Math.floor(this.#owner.random() * blockReportInitialDelayMs)
    this.#firstReport = true
  }

  /** The second report comes at a random time within the interval, as in Java; then one an interval. */
  #scheduleNextReport(): void {
    const { blockReportIntervalMs } = this.#owner
    const share = this.#firstReport ? this.#owner.random() : 1
    this.#firstReport = false
    this.#fullReportDueMs = Date.now() + Math.floor(blockReportIntervalMs * share)
  }

  #reportFailed(error: unknown): void {
    if (this.#state === 'stopped') return
    const reason = error as Error
    this.#owner.logger.warn(
      { namenode: this.#name, error: reason.message },
      'could not report to the NameNode',
    )
    this.#leaseId = undefined
    if (isUnregistered(error)) this.registerAgain()
  }

  /** After an error of handshake or heartbeat. */
  async #endured(error: unknown): Promise<void> {
    if (this.#state === 'stopped') return
    const reason = error instanceof Error ? error : new Error(String(error))
    const fatal =
      reason instanceof StorageIdentityError ||
      (reason instanceof RemoteException && fatalExceptions.has(reason.javaClass))
    if (fatal) {
      this.#owner.logger.error(
        { namenode: this.#name, error: reason.message },
        'this DataNode does not belong here',
      )
      this.#state = 'refused'
      this.#settleReady.reject(reason)
      return
    }
    this.#owner.logger.warn(
      { namenode: this.#name, error: reason.message },
      'no luck with the NameNode; trying again',
    )
    if (isUnregistered(error)) this.#state = 'connecting'
    await this.#pause(this.#retryDelay.next())
  }

  /** Waits for the time of the next heartbeat, or a little when the NameNode wants a registration or has gone away. */
  async #untilNextHeartbeat(): Promise<void> {
    if (this.#state === 'serving' && !this.#lost) {
      await this.#pause(this.#owner.heartbeatIntervalMs)
      // Only a connection that lasted ends the series: a peer that always hangs up is not asked ten times a second.
      if (this.#state === 'serving' && !this.#lost) this.#retryDelay.reset()
    }
    if (this.#state === 'connecting' || this.#lost) await this.#pause(this.#retryDelay.next())
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#wake = done
    })
  }

  get #name(): string {
    return `${this.link.address.host}:${this.link.address.port}`
  }
}

function isUnregistered(error: unknown): boolean {
  return error instanceof RemoteException && error.javaClass === javaExceptions.UnregisteredNodeException
}
