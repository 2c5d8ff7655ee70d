// The block reports to one NameNode. They go one after the other, so that the NameNode never hears of an event before
// the report that it changes.
import { randomBytes } from 'node:crypto'
import type { DatanodeCommandProto } from '@cairn/hadoop-proto'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { ActorOwner } from './actor-owner.ts'
import { makeFullReport, makeReportOfOneStorage } from './full-report.ts'
import { IncrementalReports } from './incremental-reports.ts'
import type { NamenodeLink } from './namenode-link.ts'

/** After a report that failed while the NameNode still answers. */
const reportRetryMs = 1_000

/** What the sender may ask of its actor. */
export interface ReportSenderHost {
  readonly link: NamenodeLink
  readonly owner: ActorOwner
  /** Whether the NameNode takes reports now. */
  serving(): boolean
  /** A full report was taken. */
  reported(): void
  failed(error: unknown): void
}

export class ReportSender {
  readonly incremental = new IncrementalReports()
  lastFullReportMs: number | undefined
  readonly #host: ReportSenderHost
  #store: ReplicaStore | undefined
  #capabilities = 0n
  #fullReportDueMs = 0
  #firstReport = true
  #leaseId: bigint | undefined
  #lastIncrementalMs = Number.NEGATIVE_INFINITY
  #sending = false
  #delay: NodeJS.Timeout | undefined

  constructor(host: ReportSenderHost) {
    this.#host = host
  }

  /** The NameNode has registered this node: it wants to know all replicas. */
  begin(store: ReplicaStore, capabilities: bigint): void {
    this.#store = store
    this.#capabilities = capabilities
    this.#leaseId = undefined
    this.#firstReport = true
    const { owner } = this.#host
    // Nodes of a cluster that was started together do not all report in the same second.
    const delayMs = Math.floor(owner.random() * owner.blockReportInitialDelayMs)
    this.#fullReportDueMs = performance.now() + delayMs
  }

  stop(): void {
    clearTimeout(this.#delay)
    this.#delay = undefined
  }

  /** A full report goes out as soon as the NameNode lends a lease. */
  scheduleFullReport(): void {
    this.#fullReportDueMs = 0
  }

  get #due(): boolean {
    return performance.now() >= this.#fullReportDueMs
  }

  /** Whether the next heartbeat has to ask for a lease [dnp.report.1]. */
  get leaseWanted(): boolean {
    return this.#host.link.traits.reportLeases && this.#leaseId === undefined && this.#due
  }

  /** The NameNode answered a heartbeat: whatever waits goes now, with a lease the full report too. */
  heard(leaseId: bigint): void {
    // NameNodes that lend none take a report at any time [dnp.old.3].
    const free = !this.#host.link.traits.reportLeases && this.#due
    if (leaseId !== 0n || free) this.#leaseId ??= leaseId
    if (this.#leaseId !== undefined || !this.incremental.empty) this.#start()
  }

  /** Sends what waits as soon as `dfs.blockreport.incremental.intervalMsec` allows it [dnp.ibr.2]. */
  send(): void {
    if (!this.#host.serving()) return
    const intervalMs = this.#host.owner.incrementalReportIntervalMs
    const waitMs = intervalMs === 0 ? 0 : this.#lastIncrementalMs + intervalMs - performance.now()
    if (waitMs <= 0) {
      this.#start()
      return
    }
    this.#delay ??= setTimeout(() => {
      this.#delay = undefined
      this.send()
    }, waitMs).unref()
  }

  /** Unless a report is on its way already: then it looks for more when it is done. */
  #start(): void {
    if (this.#sending || !this.#host.serving()) return
    this.#sending = true
    this.#drain()
      .catch((error) => {
        this.#leaseId = undefined
        this.#host.failed(error)
      })
      .finally(() => {
        this.#sending = false
        if (this.incremental.urgent && this.#host.serving())
          setTimeout(() => this.send(), reportRetryMs).unref()
      })
  }

  async #drain(): Promise<void> {
    // A turn's worth of events goes together.
    await Promise.resolve()
    let due = true
    while (this.#host.serving()) {
      // What happened before a full report is told before it [dnp.report.2].
      const reports = due || this.#leaseId !== undefined ? this.incremental.take() : undefined
      if (reports) {
        await this.#sendIncremental(reports)
      } else if (this.#leaseId !== undefined) {
        await this.#sendFullReport(this.#leaseId)
      } else {
        if (this.incremental.takeOverflow()) this.scheduleFullReport()
        return
      }
      due = this.incremental.urgent && this.#host.owner.incrementalReportIntervalMs === 0
    }
  }

  async #sendIncremental(blocks: NonNullable<ReturnType<IncrementalReports['take']>>): Promise<void> {
    const store = this.#store!
    this.#lastIncrementalMs = performance.now()
    try {
      await this.#host.link.blockReceivedAndDeleted({
        registration: this.#host.owner.registration(),
        blockPoolId: store.pool.blockPoolId,
        blocks,
      })
    } catch (error) {
      // Nothing is lost: it goes again, behind what happened since [dnp.ibr.3].
      this.incremental.restore(
        blocks,
        store.slices.map((slice) => slice.volume),
      )
      throw error
    }
  }

  async #sendFullReport(leaseId: bigint): Promise<void> {
    const { link, owner } = this.#host
    const store = this.#store!
    this.#leaseId = undefined
    if (!link.traits.separateStorages) {
      const report = await makeReportOfOneStorage(store, owner.registration())
      const { cmd } = await link.blockReportOfOneStorage(report)
      this.#reported(1, cmd)
      return
    }
    const reportId = BigInt.asIntN(64, randomBytes(8).readBigUInt64BE()) || 1n
    const calls = await makeFullReport(store, {
      registration: owner.registration(),
      capabilities: this.#capabilities,
      reportId,
      leaseId,
      splitReplicas: owner.blockReportSplitReplicas,
    })
    for (const [index, call] of calls.entries()) {
      const { cmd } = await link.blockReport(call)
      if (index === calls.length - 1) this.#reported(calls.length, cmd)
      else if (cmd) owner.command(link, cmd)
    }
  }

  /** The NameNode has taken all of a full report. */
  #reported(calls: number, cmd: DatanodeCommandProto | undefined): void {
    const { link, owner } = this.#host
    if (cmd) owner.command(link, cmd)
    this.lastFullReportMs = Date.now()
    this.#scheduleNextReport()
    const { host, port } = link.address
    owner.logger.info(
      { namenode: `${host}:${port}`, replicas: this.#store!.count, calls },
      'sent a full block report',
    )
    this.#host.reported()
  }

  /** The second report comes at a random time within the interval, as in Java; then one an interval [dnp.report.3]. */
  #scheduleNextReport(): void {
    const { owner } = this.#host
    const share = this.#firstReport ? owner.random() : 1
    this.#firstReport = false
    this.#fullReportDueMs = performance.now() + Math.floor(owner.blockReportIntervalMs * share)
  }
}
