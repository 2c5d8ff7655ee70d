// Life with one NameNode, as Java's `BPServiceActor`:
//
//     connecting ──versionRequest, registerDatanode──▶ serving ──sendHeartbeat every 3 s──▶ serving
//         ▲                                              │  full report when one is due and the NameNode lends a lease
//         └────── NameNode restarted, forgot us ─────────┘  incremental reports as soon as something happened
//         │                                              │
//         └───────────────▶ refused ◀────────────────────┘  it will never have this node: the end
//
// Reports go beside heartbeats. A NameNode that is away is asked again soon, then every second, for ever; that it went
// away is seen from its connection, not from the next heartbeat.
import { RemoteException } from '@cairn/hadoop-ipc'
import type { HeartbeatRequestProto, NamespaceInfoProto } from '@cairn/hadoop-proto'
import { javaExceptions } from '@cairn/hdfs-protocol'
import { StorageIdentityError } from '../storage/disk/storage-identity.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { ActorOwner } from './actor-owner.ts'
import { CacheReports } from './cache-reports.ts'
import type { IncrementalReports } from './incremental-reports.ts'
import { Lifeline } from './lifeline.ts'
import type { NamenodeLink } from './namenode-link.ts'
import { type NamenodeMessage, NamenodeMessages } from './namenode-messages.ts'
import { compareVersions, NamenodeVersionError } from './namenode-version.ts'
import { NamespaceError } from './namespace-check.ts'
import { OutageLog } from './outage-log.ts'
import { softwareVersion } from './registration.ts'
import { ReportSender } from './report-sender.ts'
import { RetryDelay } from './retry-delay.ts'

/** How far an actor has come. */
export type ActorState = 'connecting' | 'serving' | 'refused' | 'stopped'

interface Settle {
  resolve(): void
  reject(reason: Error): void
}

/** A NameNode that refuses this node is asked again so much later while its partner takes it; `BPServiceActor.run`. */
const refusedRetryMs = 5_000

/** The NameNode will never take this DataNode as it is [dnp.register.4]. */
const fatalExceptions: ReadonlySet<string> = new Set([
  javaExceptions.UnregisteredNodeException,
  javaExceptions.DisallowedDatanodeException,
  javaExceptions.IncorrectVersionException,
])

export class NamenodeActor {
  readonly link: NamenodeLink
  /** Resolves when the NameNode has registered this node and taken a full report; rejects when it never will. */
  readonly ready: Promise<void>
  lastHeartbeatMs: number | undefined
  /** What the NameNode said of itself when it was met last. */
  info: NamespaceInfoProto | undefined
  readonly #owner: ActorOwner
  readonly #reports: ReportSender
  readonly #messages: NamenodeMessages
  readonly #lifeline: Lifeline | undefined
  #state: ActorState = 'connecting'
  #handshakeRefused = false
  #store: ReplicaStore | undefined
  #outliersDueMs = 0
  /** DataNodes of Hadoop 2 count the thread that waits for connections: without it others look busy [dnp.heartbeat.3]. */
  #countsListener = false
  #wake: (() => void) | undefined
  /** Its connection broke since the last heartbeat was sent. */
  #lost = false
  readonly #cacheReports: CacheReports | undefined
  readonly #retryDelay: RetryDelay
  readonly #outage: OutageLog
  readonly #settleReady: Settle

  constructor(link: NamenodeLink, owner: ActorOwner) {
    this.link = link
    this.#owner = owner
    this.#retryDelay = new RetryDelay(() => owner.random())
    this.#outage = new OutageLog(owner.logger, this.#name, () => performance.now())
    this.#messages = new NamenodeMessages(link, owner.logger)
    let settle: Settle = { resolve: () => {}, reject: () => {} }
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject }
    })
    this.ready.catch(() => {})
    this.#settleReady = settle
    this.#reports = new ReportSender({
      link,
      owner,
      serving: () => this.#state === 'serving',
      reported: () => this.#settleReady.resolve(),
      failed: (error) => this.#reportFailed(error),
    })
    this.#cacheReports = this.#makeCacheReports()
    if (link.lifelineAddress) {
      this.#lifeline = new Lifeline({
        heartbeatIntervalMs: owner.heartbeatIntervalMs,
        intervalMs: owner.lifelineIntervalMs,
        now: () => performance.now(),
        send: () => this.#sendLifeline(),
      })
    }
  }

  get state(): ActorState {
    return this.#state
  }

  /** Whether the NameNode takes this node, or has not yet refused it. */
  get alive(): boolean {
    return this.#state === 'serving' || (this.#state === 'connecting' && !this.#handshakeRefused)
  }

  get incremental(): IncrementalReports {
    return this.#reports.incremental
  }

  get lastFullReportMs(): number | undefined {
    return this.#reports.lastFullReportMs
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
    this.#lifeline?.stop()
    this.#reports.stop()
  }

  stop(): void {
    if (this.#state !== 'refused') this.#state = 'stopped'
    this.#settleReady.reject(new Error('the DataNode was stopped'))
    this.#wake?.()
  }

  /** The NameNode wants a registration again: it was restarted or had given this node up [dnp.register.3]. */
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
    this.#reports.scheduleFullReport()
    this.#wake?.()
  }

  /** Tells the NameNode about this node's disks without waiting for the next heartbeat. */
  heartbeatNow(): void {
    this.#wake?.()
  }

  /** Sends the incremental reports that wait. */
  sendReports(): void {
    this.#reports.send()
  }

  /** Says something once, now or when the NameNode is there again. */
  say(message: NamenodeMessage): void {
    this.#messages.add(message)
    if (this.#state === 'serving') void this.#messages.flush()
  }

  /** Who is there, and who is here [dnp.handshake.1] [dnp.register.2]. */
  async #handshake(): Promise<void> {
    const info = await this.link.versionRequest()
    this.info = info
    this.#countsListener = compareVersions(info.softwareVersion, '3.0.0-alpha1') < 0
    const store = await this.#owner.join(info)
    this.#store = store
    const registration = await this.link.registerDatanode(this.#owner.newRegistration())
    this.#owner.registered(registration)
    if (this.#state !== 'connecting') return
    this.#state = 'serving'
    this.#handshakeRefused = false
    this.#cacheReports?.begin()
    this.#reports.begin(store, info.capabilities ?? 0n)
    this.#owner.logger.info(
      {
        namenode: this.#name,
        blockPoolId: info.blockPoolID,
        version: info.softwareVersion,
        build: info.buildVersion,
        ours: softwareVersion,
      },
      'registered with the NameNode',
    )
  }

  /** Tells how this node is; the answer has a lease, orders, and who rules [dnp.heartbeat.2]. */
  async #heartbeat(): Promise<void> {
    const leaseWanted = this.#reports.leaseWanted
    const { slowPeers, slowDisks } = this.#owner
    const outliersDue =
      (slowPeers !== undefined || slowDisks !== undefined) && performance.now() >= this.#outliersDueMs
    const request = this.#heartbeatRequest()
    this.#lifeline?.heartbeatBegan()
    const response = await this.link.sendHeartbeat(
      {
        ...request,
        requestFullBlockReportLease: leaseWanted,
        slowPeers: (outliersDue && slowPeers?.()) || [],
        slowDisks: (outliersDue && slowDisks?.()) || [],
      },
      Math.max(1_000, this.#owner.heartbeatIntervalMs) * 20,
    )
    this.lastHeartbeatMs = Date.now()
    if (outliersDue) this.#outliersDueMs = performance.now() + this.#owner.outlierReportIntervalMs
    this.#owner.heard(this.link, response)
    for (const command of response.cmds) this.#owner.command(this.link, command)
    if (this.#state !== 'serving') return
    void this.#messages.flush()
    this.#cacheReports?.heartbeat()
    this.#reports.heard(response.fullBlockReportLeaseId ?? 0n)
  }

  #makeCacheReports(): CacheReports | undefined {
    const owner = this.#owner
    const source = owner.cacheReports
    if (!source) return undefined
    return new CacheReports({
      logger: owner.logger,
      source,
      send: (blocks) =>
        this.link.cacheReport({
          registration: owner.registration(),
          blockPoolId: this.#store!.pool.blockPoolId,
          blocks,
        }),
      command: (command) => owner.command(this.link, command),
    })
  }

  #heartbeatRequest(): HeartbeatRequestProto {
    const request = this.#owner.reports.heartbeat(this.#owner.registration(), this.#store!)
    return this.#countsListener ? { ...request, xceiverCount: (request.xceiverCount ?? 0) + 1 } : request
  }

  #sendLifeline(): void {
    if (this.#state !== 'serving') return
    this.#owner.logger.info({ namenode: this.#name }, 'a heartbeat is late: sending a lifeline')
    this.link.sendLifeline(this.#heartbeatRequest(), this.#owner.lifelineIntervalMs).catch((error: Error) => {
      this.#owner.logger.warn({ namenode: this.#name, error: error.message }, 'could not send a lifeline')
    })
  }

  #reportFailed(error: unknown): void {
    if (this.#state === 'stopped') return
    this.#owner.logger.warn(
      { namenode: this.#name, error: (error as Error).message },
      'could not report to the NameNode',
    )
    // The next heartbeat is answered in the same way, and there it is dealt with.
    if (isFatal(error)) this.#wake?.()
  }

  /** After an error of handshake or heartbeat. */
  async #endured(error: unknown): Promise<void> {
    if (this.#state === 'stopped') return
    let reason = error instanceof Error ? error : new Error(String(error))
    const met = this.#state === 'serving'
    if (!isFatal(reason)) {
      this.#outage.failed(reason)
      await this.#pause(this.#retryDelay.next())
      return
    }
    if (met) reason = await this.#explained(reason)
    this.#handshakeRefused = true
    this.#owner.logger.error(
      { namenode: this.#name, error: reason.message },
      'this DataNode does not belong here',
    )
    // It may be put right there while the other one is served.
    if (!met && this.#owner.anotherAlive(this.link)) {
      await this.#pause(refusedRetryMs)
      return
    }
    // It may have been stopped meanwhile.
    if (this.state !== 'stopped') this.#state = 'refused'
    this.#settleReady.reject(reason)
  }

  /** A NameNode with another namespace says only that it does not know this node: its own ids say why. */
  async #explained(error: Error): Promise<Error> {
    try {
      this.info = await this.link.versionRequest()
      await this.#owner.join(this.info)
      return error
    } catch (reason) {
      return reason instanceof NamespaceError ? reason : error
    }
  }

  /** Waits for the time of the next heartbeat, or a little when the NameNode wants a registration or has gone away. */
  async #untilNextHeartbeat(): Promise<void> {
    if (this.#state === 'serving' && !this.#lost) {
      await this.#pause(this.#owner.heartbeatIntervalMs)
      // Only a connection that lasted ends the series: a peer that always hangs up is not asked ten times a second.
      if (this.#state === 'serving' && !this.#lost) {
        this.#retryDelay.reset()
        this.#outage.over()
      }
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

function isFatal(error: unknown): boolean {
  if (error instanceof RemoteException) return fatalExceptions.has(error.javaClass)
  return (
    error instanceof StorageIdentityError ||
    error instanceof NamespaceError ||
    error instanceof NamenodeVersionError
  )
}
