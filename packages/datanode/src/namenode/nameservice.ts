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
} from '@cairn/hadoop-proto'
import type { Logger } from '../logger.ts'
import type { DataStorage } from '../storage/data-storage.ts'
import { StorageIdentityError } from '../storage/disk/storage-identity.ts'
import type { Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import type { PoolIdentity } from '../storage/volume.ts'
import { emptyToken } from '../transfer/send-replica.ts'
import type { ActorOwner } from './actor-owner.ts'
import type { CommandExecutor } from './command-executor.ts'
import type { IncrementalStatus } from './incremental-reports.ts'
import { NamenodeActor } from './namenode-actor.ts'
import { NamenodeLink } from './namenode-link.ts'
import type { NodeReports } from './node-reports.ts'
import { makeRegistration } from './registration.ts'

export interface NameserviceOptions {
  readonly namenodes: readonly RpcAddress[]
  readonly client: RpcClient
  readonly storage: DataStorage
  readonly logger: Logger
  readonly heartbeatIntervalMs: number
  readonly blockReportIntervalMs: number
  readonly blockReportInitialDelayMs: number
  readonly blockReportSplitReplicas: number
  readonly reports: NodeReports
  readonly executor: CommandExecutor
  /** From 0 to below 1. */
  random(): number
  /** Ports and names of this node. */
  datanodeId(): DatanodeIDProto
}

export class Nameservice implements ActorOwner {
  readonly logger: Logger
  readonly heartbeatIntervalMs: number
  /** May be changed while the node runs. */
  blockReportIntervalMs: number
  readonly blockReportInitialDelayMs: number
  readonly blockReportSplitReplicas: number
  readonly reports: NodeReports
  readonly actors: readonly NamenodeActor[]
  readonly #options: NameserviceOptions
  readonly #aborter = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  #store: ReplicaStore | undefined
  #registration: DatanodeRegistrationProto | undefined
  #active: NamenodeActor | undefined
  /** Highest transaction with which a NameNode claimed to be active: an older claim is a stale one. */
  #activeTxid = -1n

  constructor(options: NameserviceOptions) {
    this.#options = options
    this.logger = options.logger
    this.heartbeatIntervalMs = options.heartbeatIntervalMs
    this.blockReportIntervalMs = options.blockReportIntervalMs
    this.blockReportInitialDelayMs = options.blockReportInitialDelayMs
    this.blockReportSplitReplicas = options.blockReportSplitReplicas
    this.reports = options.reports
    this.actors = options.namenodes.map(
      (address) => new NamenodeActor(new NamenodeLink(options.client, address, this.#aborter.signal), this),
    )
  }

  random(): number {
    return this.#options.random()
  }

  /** A connection to `address` broke; nothing is known about other reasons to call there. */
  connectionLost(address: RpcAddress): void {
    for (const actor of this.actors) {
      const { host, port } = actor.link.address
      if (host === address.host && port === address.port) actor.connectionLost()
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
    this.#running = Promise.all(this.actors.map((actor) => actor.run()))
  }

  /** When one NameNode has this node's blocks. */
  async ready(): Promise<void> {
    await Promise.any(this.actors.map((actor) => actor.ready)).catch((error: AggregateError) => {
      throw error.errors[0]
    })
  }

  async stop(): Promise<void> {
    for (const actor of this.actors) actor.stop()
    this.#aborter.abort(new Error('the DataNode stops'))
    await this.#running
  }

  /** How the NameNode names this node. */
  identity(): DatanodeIDProto {
    return this.#registration?.datanodeID ?? this.#options.datanodeId()
  }

  /** Queues an event for every NameNode and sends it at once, unless it can wait for the next heartbeat. */
  tell(replica: Replica, status: IncrementalStatus, deleteHint?: string): void {
    for (const actor of this.actors) {
      actor.incremental.add(replica, status, deleteHint)
      if (status !== 'RECEIVING') actor.sendReports()
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
    for (const actor of this.actors) {
      actor.link.reportBadBlocks([located]).catch((error: Error) => {
        this.logger.warn({ error: error.message }, 'could not report a bad replica')
      })
    }
  }

  async openPool(identity: PoolIdentity): Promise<ReplicaStore> {
    const known = this.#store?.pool
    if (known && (known.blockPoolId !== identity.blockPoolId || known.clusterId !== identity.clusterId)) {
      throw new StorageIdentityError(
        `join block pool ${identity.blockPoolId} of cluster ${identity.clusterId}: this DataNode serves ${known.blockPoolId} of ${known.clusterId}`,
      )
    }
    const store = await this.#options.storage.openPool(identity)
    this.#store = store
    return store
  }

  registration(): DatanodeRegistrationProto {
    return this.#registration ?? makeRegistration(this.#options.datanodeId(), this.#store!.pool)
  }

  registered(registration: DatanodeRegistrationProto): void {
    this.#registration = registration
  }

  heard(actor: NamenodeActor, response: HeartbeatResponseProto): void {
    const { state, txid } = response.haStatus
    if (state !== HaState.ACTIVE) {
      if (this.#active === actor) this.#active = undefined
      return
    }
    if (this.#active === actor || txid >= this.#activeTxid) {
      this.#active = actor
      this.#activeTxid = txid
    }
  }

  command(actor: NamenodeActor, command: DatanodeCommandProto): void {
    if (command.cmdType === CommandType.RegisterCommand) {
      actor.registerAgain()
      return
    }
    // A standby may renew keys; its other orders would be those of a NameNode that does not rule.
    if (actor !== this.#active && command.cmdType !== CommandType.KeyUpdateCommand) return
    this.#options.executor.execute(this, command)
  }
}
