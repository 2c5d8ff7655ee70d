// One block pool and the NameNodes that rule it, as Java's `BPOfferService`: one, or the several of an HA group. All
// of them hear everything; only the active one is obeyed.

import type { RpcAddress, RpcClient } from '@cairn/hadoop-ipc'
import {
  DatanodeCommandProto_Type as CommandType,
  type DatanodeCommandProto,
  type DatanodeIDProto,
  type DatanodeInfoProto,
  type DatanodeRegistrationProto,
  type ExtendedBlockProto,
  NNHAStatusHeartbeatProto_State as HaState,
  type HeartbeatResponseProto,
  type NamespaceInfoProto,
  type SlowDiskReportProto,
  type SlowPeerReportProto,
} from '@cairn/hadoop-proto'
import { namenodeTraits } from '@cairn/hdfs-protocol'
import type { Activity } from '../activity.ts'
import type { Logger } from '../logger.ts'
import { emptyToken } from '../security/empty-token.ts'
import type { DataStorage } from '../storage/data-storage.ts'
import type { Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolIdentity } from '../storage/volume.ts'
import type { ActorOwner, ReportTimes } from './actor-owner.ts'
import type { CacheReportSource } from './cache-reports.ts'
import type { CommandExecutor } from './command-executor.ts'
import type { NamenodeAddress } from './configured-nameservices.ts'
import type { IncrementalStatus } from './incremental-reports.ts'
import { NamenodeActor } from './namenode-actor.ts'
import { NamenodeLink } from './namenode-link.ts'
import { checkNamenodeVersion } from './namenode-version.ts'
import { checkSameNamespace } from './namespace-check.ts'
import type { NodeReports } from './node-reports.ts'
import { claimedLayout, makeRegistration, poolIdentityOf } from './registration.ts'

export interface NameserviceOptions extends ReportTimes {
  /** Its name in `dfs.nameservices`; empty when it has none. */
  readonly name: string
  readonly namenodes: readonly NamenodeAddress[]
  readonly client: RpcClient
  readonly activity: Activity
  readonly storage: DataStorage
  readonly logger: Logger
  readonly blockReportSplitReplicas: number
  /** `dfs.datanode.min.supported.namenode.version` */
  readonly minimumNamenodeVersion: string
  readonly reports: NodeReports
  readonly executor: CommandExecutor
  readonly slowPeers?: (() => SlowPeerReportProto[]) | undefined
  readonly slowDisks?: (() => SlowDiskReportProto[]) | undefined
  /** Blocks of a pool in memory, and how often a NameNode is told. */
  readonly cache?: { readonly intervalMs: number; blocks(blockPoolId: string): bigint[] } | undefined
  /** From 0 to below 1. */
  random(): number
  /** Ports and names of this node. */
  datanodeId(): DatanodeIDProto
  /** Every NameNode has refused this node: there is nothing left to do here. */
  ended(service: Nameservice): void
}

export class Nameservice implements ActorOwner {
  readonly name: string
  readonly logger: Logger
  readonly heartbeatIntervalMs: number
  /** May be changed while the node runs. */
  blockReportIntervalMs: number
  readonly blockReportInitialDelayMs: number
  readonly blockReportSplitReplicas: number
  readonly incrementalReportIntervalMs: number
  readonly lifelineIntervalMs: number
  readonly outlierReportIntervalMs: number
  readonly reports: NodeReports
  readonly slowPeers: (() => SlowPeerReportProto[]) | undefined
  readonly slowDisks: (() => SlowDiskReportProto[]) | undefined
  readonly cacheReports: CacheReportSource | undefined
  readonly #options: NameserviceOptions
  readonly #actors: NamenodeActor[] = []
  readonly #running = new Map<NamenodeActor, Promise<void>>()
  #opening: Promise<ReplicaStore> | undefined
  #pool: PoolIdentity | undefined
  #store: ReplicaStore | undefined
  #registration: DatanodeRegistrationProto | undefined
  #layoutVersion = 0
  #active: NamenodeActor | undefined
  /** Highest transaction with which a NameNode claimed to be active: an older claim is a stale one. */
  #activeTxid = -1n
  #stopped = false

  constructor(options: NameserviceOptions) {
    this.#options = options
    this.name = options.name
    this.logger = options.logger
    this.heartbeatIntervalMs = options.heartbeatIntervalMs
    this.blockReportIntervalMs = options.blockReportIntervalMs
    this.blockReportInitialDelayMs = options.blockReportInitialDelayMs
    this.blockReportSplitReplicas = options.blockReportSplitReplicas
    this.incrementalReportIntervalMs = options.incrementalReportIntervalMs
    this.lifelineIntervalMs = options.lifelineIntervalMs
    this.outlierReportIntervalMs = options.outlierReportIntervalMs
    this.reports = options.reports
    this.slowPeers = options.slowPeers
    this.slowDisks = options.slowDisks
    const { cache } = options
    this.cacheReports = cache && {
      intervalMs: cache.intervalMs,
      blocks: () => cache.blocks(this.#store!.pool.blockPoolId),
    }
    for (const address of options.namenodes) this.#add(address)
  }

  get actors(): readonly NamenodeActor[] {
    return this.#actors
  }

  #add(address: NamenodeAddress): NamenodeActor {
    const actor = new NamenodeActor(
      new NamenodeLink(this.#options.client, address, this.#options.activity),
      this,
    )
    this.#actors.push(actor)
    return actor
  }

  random(): number {
    return this.#options.random()
  }

  /** A connection to `address` broke; nothing is known about other reasons to call there. */
  connectionLost(address: RpcAddress): void {
    for (const actor of this.#actors) {
      if (sameAddress(actor.link.address, address)) actor.connectionLost()
    }
  }

  get store(): ReplicaStore | undefined {
    return this.#store
  }

  get blockPoolId(): string | undefined {
    return this.#store?.pool.blockPoolId
  }

  /** The NameNode that is obeyed. */
  get active(): NamenodeActor | undefined {
    return this.#active
  }

  start(): void {
    for (const actor of this.#actors) this.#run(actor)
  }

  #run(actor: NamenodeActor): void {
    this.#running.set(
      actor,
      actor.run().then(() => this.#ended(actor)),
    )
  }

  #ended(actor: NamenodeActor): void {
    if (this.#active === actor) this.#active = undefined
    // Who was refused too and waited for this one need not wait any longer.
    for (const other of this.#actors) if (!other.alive) other.heartbeatNow()
    if (this.#stopped || this.#actors.some(({ state }) => state !== 'refused')) return
    this.logger.error(
      { nameservice: this.name, blockPoolId: this.blockPoolId },
      'no NameNode takes this node',
    )
    this.#options.ended(this)
  }

  /** Joins NameNodes that are new to the nameservice and leaves those that are no more in it [dnp.federation.3]. */
  async refresh(addresses: readonly NamenodeAddress[]): Promise<void> {
    const gone = this.#actors.filter(
      ({ link }) => !addresses.some((address) => sameAddress(address, link.address)),
    )
    for (const address of addresses) {
      if (!this.#actors.some(({ link }) => sameAddress(link.address, address))) this.#run(this.#add(address))
    }
    for (const actor of gone) this.#actors.splice(this.#actors.indexOf(actor), 1)
    await Promise.all(gone.map((actor) => this.#leave(actor)))
  }

  async #leave(actor: NamenodeActor): Promise<void> {
    if (this.#active === actor) {
      this.#active = undefined
      // It may come back, or another one take its place, before there is a further transaction.
      this.#activeTxid -= 1n
    }
    actor.stop()
    actor.link.abort(new Error('the DataNode leaves the NameNode'))
    await this.#running.get(actor)
    this.#running.delete(actor)
  }

  /** When one NameNode has this node's blocks. */
  async ready(): Promise<void> {
    await Promise.any(this.#actors.map((actor) => actor.ready)).catch((error: AggregateError) => {
      throw error.errors[0]
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#actors.map((actor) => this.#leave(actor)))
  }

  /** How the NameNode names this node. */
  identity(): DatanodeIDProto {
    return this.#registration?.datanodeID ?? this.#options.datanodeId()
  }

  /**
   * Queues an event for every NameNode. A block that is complete is told at once, for its writer waits until the
   * NameNode knows of it; the rest goes with it or with the next heartbeat [dnp.ibr.1].
   */
  tell(replica: Replica, status: IncrementalStatus, deleteHint?: string): void {
    for (const actor of this.#actors) {
      actor.incremental.add(replica, status, deleteHint)
      if (status === 'RECEIVED') actor.sendReports()
    }
  }

  /** A damaged replica: the NameNode has another one made and this one deleted. */
  reportBad(replica: Replica, reason: string): void {
    const store = this.#store!
    this.logger.warn(
      { blockId: replica.blockId, volume: replica.slice.volume.path, reason },
      'found a bad replica',
    )
    const block = {
      poolId: store.pool.blockPoolId,
      blockId: replica.blockId,
      generationStamp: replica.generationStamp,
      numBytes: BigInt(replica.length),
    }
    this.#reportBadBlock(block, { id: this.identity() }, replica.slice.volume)
  }

  /** Reports a replica of another DataNode, whose storages are not known here; DataNode.reportRemoteBadBlock. */
  reportBadElsewhere(block: ExtendedBlockProto, at: DatanodeInfoProto): void {
    this.#reportBadBlock(block, at, undefined)
  }

  #reportBadBlock(
    block: ExtendedBlockProto,
    at: DatanodeInfoProto,
    storage: { readonly storageType: number; readonly storageId: string } | undefined,
  ): void {
    const located = {
      b: block,
      offset: 0n,
      locs: [at],
      corrupt: false,
      blockToken: emptyToken(),
      isCached: [],
      storageTypes: storage === undefined ? [] : [storage.storageType],
      storageIDs: storage === undefined ? [] : [storage.storageId],
      blockTokens: [],
    }
    for (const actor of this.#actors) {
      actor.say({ what: 'report a bad replica', send: (link) => link.reportBadBlocks([located]) })
    }
  }

  /** Tells every NameNode what went wrong, `ErrorReportRequestProto.ErrorCode` and words [dnp.error.1]. */
  reportError(errorCode: number, msg: string): void {
    for (const actor of this.#actors) {
      actor.say({
        what: 'report an error',
        send: (link) => link.errorReport({ registartion: this.registration(), errorCode, msg }),
      })
    }
  }

  async join(info: NamespaceInfoProto): Promise<ReplicaStore> {
    checkNamenodeVersion(info, this.#options.minimumNamenodeVersion)
    this.#layoutVersion = claimedLayout(info, namenodeTraits(info.softwareVersion))
    const identity = poolIdentityOf(info)
    if (this.#pool) checkSameNamespace(this.#pool, identity)
    // Two NameNodes of a pair come at the same time: the pool is opened once.
    this.#opening ??= this.#options.storage.openPool(identity)
    try {
      this.#pool = identity
      this.#store = await this.#opening
      return this.#store
    } catch (error) {
      this.#opening = undefined
      this.#pool = undefined
      throw error
    }
  }

  registration(): DatanodeRegistrationProto {
    return this.#registration ?? this.newRegistration()
  }

  newRegistration(): DatanodeRegistrationProto {
    return makeRegistration(this.#options.datanodeId(), this.#store!.pool, this.#layoutVersion)
  }

  registered(registration: DatanodeRegistrationProto): void {
    this.#registration = registration
    this.#options.executor.registered(this.#store!.pool.blockPoolId, registration.keys)
  }

  anotherAlive(link: NamenodeLink): boolean {
    return this.#actors.some((actor) => actor.link !== link && actor.alive)
  }

  /** Java's `BPOfferService.updateActorStatesFromHeartbeat` [dnp.ha.2]. */
  heard(link: NamenodeLink, response: HeartbeatResponseProto): void {
    const actor = this.#actors.find((candidate) => candidate.link === link)
    if (!actor) return
    const { state, txid } = response.haStatus
    const namenode = `${link.address.host}:${link.address.port}`
    if (state !== HaState.ACTIVE) {
      if (this.#active !== actor) return
      this.logger.info({ namenode, txid }, 'the NameNode has given up to be active')
      this.#active = undefined
      return
    }
    if (this.#active !== actor) {
      if (txid <= this.#activeTxid) {
        const newest = this.#activeTxid
        this.logger.warn(
          { namenode, txid, newest },
          'a NameNode claims to be active, and another did so later',
        )
        return
      }
      this.logger.info({ namenode, txid }, 'the NameNode is active')
      this.#active = actor
    }
    this.#activeTxid = txid
    this.#hearRollingUpgrade(response)
  }

  /** Java's `BPOfferService.signalRollingUpgrade`. Without a status, nothing is known. */
  #hearRollingUpgrade(response: HeartbeatResponseProto): void {
    const status = response.rollingUpgradeStatusV2 ?? response.rollingUpgradeStatus
    if (status === undefined || status.blockPoolId !== this.blockPoolId) return
    this.#store?.setRollingUpgrade(!(status.finalized ?? false)).catch((error: Error) => {
      this.logger.warn({ error: error.message }, 'could not begin or end a rolling upgrade')
    })
  }

  command(link: NamenodeLink, command: DatanodeCommandProto): void {
    const actor = this.#actors.find((candidate) => candidate.link === link)
    if (!actor) return
    if (command.cmdType === CommandType.RegisterCommand) {
      actor.registerAgain()
      return
    }
    // A standby may renew keys; its other orders would be those of a NameNode that does not rule [dnp.ha.3].
    if (actor !== this.#active && command.cmdType !== CommandType.KeyUpdateCommand) {
      const { host, port } = link.address
      const namenode = `${host}:${port}`
      this.logger.info({ namenode, command: command.cmdType }, 'not obeyed: this NameNode is not active')
      return
    }
    this.#options.executor.execute(this, command)
  }
}

function sameAddress(a: RpcAddress, b: RpcAddress): boolean {
  return a.host === b.host && a.port === b.port
}
