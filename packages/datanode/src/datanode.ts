import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import { Configuration } from '@cairn/hadoop-conf'
import { type RpcAddress, RpcClient, RpcServer } from '@cairn/hadoop-ipc'
import type { DatanodeIDProto, DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import { DatanodeConnections } from '@cairn/hdfs-block-io'
import { hdfsGenerations, hdfsGenerationsOf } from '@cairn/hdfs-protocol'
import { Activity } from './activity.ts'
import { DiskBalancer } from './disk-balancer/disk-balancer.ts'
import { Administrators } from './ipc/administrators.ts'
import { clientDatanodeService } from './ipc/client-datanode-service.ts'
import { deleteBlockPool } from './ipc/delete-block-pool.ts'
import { interDatanodeService } from './ipc/inter-datanode-service.ts'
import { unsupported } from './ipc/ipc-errors.ts'
import { nodeReconfiguration } from './ipc/node-reconfiguration.ts'
import type { Reconfiguration } from './ipc/reconfiguration.ts'
import { recoverBlockOfPipeline } from './ipc/recover-block.ts'
import {
  balancerMovesMax,
  idleMs,
  keepAliveMs,
  reportSplitReplicas,
  restartReplicaMs,
  rpcVersionsDefault,
  xceiversMax,
} from './limits.ts'
import { type Logger, silentLogger } from './logger.ts'
import { BlockPools } from './namenode/block-pools.ts'
import { CommandExecutor } from './namenode/command-executor.ts'
import { configuredNameservices, type NamenodeAddress } from './namenode/configured-nameservices.ts'
import { Nameservice } from './namenode/nameservice.ts'
import {
  diskLatenciesOf,
  nameservicesOf,
  outlierReportIntervalMsDefault,
  peerLatenciesOf,
} from './namenode/nameservice-options.ts'
import { NodeReports } from './namenode/node-reports.ts'
import type { PeerLatencies } from './namenode/peer-latencies.ts'
import type { DataNodeOptions } from './options.ts'
import { ReplicaCare } from './replica-care.ts'
import type { DirectoryScanReport } from './scanner/directory-scanner.ts'
import { TransferSecurity } from './security/transfer-security.ts'
import { type DataNodeStatus, dataNodeStatus } from './status.ts'
import { DataStorage, type StorageEvents } from './storage/data-storage.ts'
import type { DiskLatencies } from './storage/disk/disk-latencies.ts'
import { ReplicaError } from './storage/replica-error.ts'
import type { ReplicaStore } from './storage/replica-store.ts'
import { MoveSlots } from './transfer/move-slots.ts'
import { Throttle } from './transfer/throttle.ts'
import type { ReplicaEvents, TransferContext } from './transfer/transfer-context.ts'
import { TransferServer } from './transfer/transfer-server.ts'
import { volumeEvents } from './volume-events.ts'
import type { DataNodeWeb } from './web/datanode-web.ts'

const heartbeatIntervalMsDefault = 3_000
const blockReportIntervalMsDefault = 6 * 3_600_000
const minimumNamenodeVersionDefault = '1.0.0'
const balanceBytesPerSecondDefault = 100 * 1024 * 1024

/** A running DataNode. */
export interface DataNode extends AsyncDisposable {
  /** Data transfer. */
  readonly address: RpcAddress
  /** RPC. */
  readonly ipcAddress: RpcAddress
  readonly uuid: string
  /** When the NameNode knows this node and its blocks; rejects when it refuses it for good. */
  ready(): Promise<void>
  status(): DataNodeStatus
  /** Has a full block report sent soon. */
  triggerBlockReport(): void
  /** Compares all disks with memory now, beside the scans at their interval; says what it put right. */
  scanDirectories(): Promise<DirectoryScanReport>
  /**
   * Changes the storage directories, each with its storage type before it if it is no DISK: new ones are taken in with
   * what is on them, those not named any more are given up. Rejects when one could not be taken in; the others were.
   */
  refreshVolumes(dirs: readonly string[]): Promise<void>
  /** Resolves when the node has stopped, by `close()` or because an administrator asked for it. */
  readonly stopped: Promise<void>
  /** Stops. With `restarting`, writers are told to wait for this node instead of going on without it. */
  close(options?: { readonly restarting?: boolean }): Promise<void>
}

/**
 * Starts a DataNode: locks its directories and listens. It joins the NameNode in the background and keeps trying for
 * ever; `ready()` tells when it has. Rejects when a directory is in use or damaged, or a port is taken.
 */
export async function startDataNode(options: DataNodeOptions): Promise<DataNode> {
  const node = new RunningDataNode(options)
  try {
    await node.start()
  } catch (error) {
    await node.close()
    throw error
  }
  return node
}

class RunningDataNode implements DataNode, ReplicaEvents {
  address: RpcAddress = { host: '', port: 0 }
  ipcAddress: RpcAddress = { host: '', port: 0 }
  readonly stopped: Promise<void>
  readonly #options: DataNodeOptions
  readonly #logger: Logger
  readonly #host: string
  readonly #startedMs = Date.now()
  readonly #storage: DataStorage
  readonly #client: RpcClient
  readonly #throttle: Throttle
  readonly #moves: MoveSlots
  readonly #activity = new Activity()
  #web: DataNodeWeb | undefined
  readonly #diskBalancer: DiskBalancer
  readonly #transferServer: TransferServer
  readonly #executor: CommandExecutor
  readonly #care: ReplicaCare
  readonly #pools: BlockPools
  readonly #peerLatencies: PeerLatencies | undefined
  readonly #diskLatencies: DiskLatencies | undefined
  readonly #rpcServer: RpcServer
  #closing: Promise<void> | undefined
  #settleStopped: () => void = () => {}

  constructor(options: DataNodeOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#host = options.host ?? '127.0.0.1'
    this.stopped = new Promise((resolve) => {
      this.#settleStopped = resolve
    })
    this.#diskLatencies = diskLatenciesOf(options)
    this.#storage = new DataStorage({
      latencies: this.#diskLatencies,
      dirs: options.dirs ?? [],
      memoryBytes: options.memoryBytes,
      reserved: options.reserved ?? { bytes: options.duReservedBytes ?? 0 },
      dirPermissions: options.dirPermissions,
      volumeChoice: options.volumeChoice,
      rollback: options.rollback,
      failedVolumesTolerated: options.failedVolumesTolerated,
      diskCheckMinGapMs: options.diskCheckMinGapMs,
      diskCheckTimeoutMs: options.diskCheckTimeoutMs,
      events: this.#volumeEvents(),
      logger: this.#logger,
      now: Date.now,
      newUuid: randomUUID,
    })
    this.#client = new RpcClient({
      user: options.user ?? userInfo().username,
      // NameNodes and other DataNodes may be of any release.
      generations: hdfsGenerations,
      onConnectionLost: (address) => {
        for (const service of this.#pools.services) service.connectionLost(address)
      },
    })
    this.#throttle = new Throttle(options.balanceBytesPerSecond ?? balanceBytesPerSecondDefault)
    this.#diskBalancer = new DiskBalancer(options.diskBalancer ?? {}, {
      logger: this.#logger,
      storage: this.#storage,
      moved: (blockPoolId, replica) => this.received(blockPoolId, replica),
      suspect: (blockPoolId, replica) => this.#care.suspects.add(blockPoolId, replica),
      now: Date.now,
    })
    this.#moves = new MoveSlots(options.balancerMovesMax ?? balancerMovesMax)
    this.#care = new ReplicaCare(options, this.#storage, this, this.#logger)
    this.#peerLatencies = peerLatenciesOf(options)
    const transfer = this.#transferContext()
    this.#transferServer = new TransferServer(transfer)
    this.#executor = new CommandExecutor(
      transfer,
      {
        client: this.#client,
        logger: this.#logger,
        events: this,
        useDatanodeHostname: transfer.useDatanodeHostname,
        datanodeUuid: () => this.uuid,
      },
      options,
    )
    this.#executor.cache = this.#care.cache
    this.#pools = new BlockPools(nameservicesOf(options), {
      logger: this.#logger,
      make: (name, namenodes, ended) => this.#makeNameservice(name, namenodes, ended),
      left: (blockPoolId) => this.#storage.closePool(blockPoolId),
      // As Java's: a DataNode that nobody takes ends. What is under way returns first.
      ended: () => void setImmediate(() => this.close()),
    })
    this.#rpcServer = this.#makeRpcServer()
  }

  get uuid(): string {
    return this.#storage.datanodeUuid
  }

  async start(): Promise<void> {
    this.address = await this.#transferServer.listen({ host: this.#host, port: this.#options.port ?? 0 })
    const { ipcHost = this.#host, ipcPort = 0 } = this.#options
    this.ipcAddress = await this.#rpcServer.listen({ host: ipcHost, port: ipcPort })
    await this.#startWeb()
    this.#pools.start()
    this.#care.start()
    this.#logger.info({ uuid: this.uuid, transfer: this.address, ipc: this.ipcAddress }, 'DataNode is up')
  }

  async #startWeb(): Promise<void> {
    const { httpPort: port, httpHost: host = this.#host, configuration } = this.#options
    if (port === undefined) return
    const { DataNodeWeb } = await import('./web/datanode-web.ts')
    const source = {
      activity: this.#activity,
      configuration: configuration ?? new Configuration(),
      status: () => this.status(),
    }
    this.#web = await DataNodeWeb.listen(source, { host, port, logger: this.#logger })
  }

  ready(): Promise<void> {
    return this.#pools.ready()
  }

  triggerBlockReport(): void {
    for (const actor of this.#pools.actors()) actor.scheduleFullReport()
  }

  scanDirectories(): Promise<DirectoryScanReport> {
    return this.#care.directoryScanner.scan()
  }

  async refreshVolumes(dirs: readonly string[]): Promise<void> {
    await this.#storage.refreshVolumes(dirs).finally(() => this.triggerBlockReport())
  }

  receiving(blockPoolId: string, replica: Parameters<ReplicaEvents['receiving']>[1]): void {
    this.#pools.ofPool(blockPoolId)?.tell(replica, 'RECEIVING')
  }

  received(
    blockPoolId: string,
    replica: Parameters<ReplicaEvents['received']>[1],
    deleteHint?: string,
  ): void {
    this.#pools.ofPool(blockPoolId)?.tell(replica, 'RECEIVED', deleteHint)
  }

  deleted(blockPoolId: string, replica: Parameters<ReplicaEvents['deleted']>[1]): void {
    this.#pools.ofPool(blockPoolId)?.tell(replica, 'DELETED')
  }

  full(): void {
    // The NameNode must not send the next writer here, and tells this one why it failed.
    for (const actor of this.#pools.actors()) actor.heartbeatNow()
  }

  corrupt(blockPoolId: string, replica: Parameters<ReplicaEvents['corrupt']>[1], reason: string): void {
    this.#pools.ofPool(blockPoolId)?.reportBad(replica, reason)
  }

  corruptElsewhere(block: ExtendedBlockProto, source: DatanodeInfoProto): void {
    this.#pools.ofPool(block.poolId)?.reportBadElsewhere(block, source)
  }

  status(): DataNodeStatus {
    return dataNodeStatus({
      uuid: this.uuid,
      address: this.address,
      ipcAddress: this.ipcAddress,
      httpPort: this.#web?.port,
      hostName: this.#datanodeId().hostName,
      startedMs: this.#startedMs,
      storage: this.#storage,
      transfers: this.#executor.transfers,
      server: this.#transferServer,
      services: this.#pools.services,
      cache: this.#care.cache,
      blockScan: this.#care.blockScanner.counts,
      diskBalancer: this.#diskBalancer,
    })
  }

  close(options: { readonly restarting?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(options.restarting ?? false)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(restarting: boolean): Promise<void> {
    if (restarting) {
      await this.#transferServer.announceRestart(
        Date.now() + (this.#options.restartReplicaMs ?? restartReplicaMs),
      )
    }
    this.#executor.close()
    await this.#transferServer.close()
    await this.#pools.stop()
    await this.#rpcServer.close()
    await this.#web?.close()
    await this.#client.close()
    await this.#diskBalancer.close()
    await this.#care.stop()
    await this.#storage.close()
    this.#logger.info({ uuid: this.uuid }, 'DataNode has stopped')
    this.#settleStopped()
  }

  #volumeEvents(): StorageEvents {
    return volumeEvents({
      logger: this.#logger,
      events: this,
      namenodes: () =>
        [...this.#pools.services].flatMap((service) =>
          service.actors.map((actor) => ({ actor, registration: () => service.registration() })),
        ),
      stop: () => void this.close(),
    })
  }

  #transferContext(): TransferContext {
    const options = this.#options
    const security = new TransferSecurity({
      options: options.security ?? {},
      afterRegistration: true,
      user: options.user ?? userInfo().username,
      logger: this.#logger,
      now: Date.now,
    })
    return {
      storage: this.#storage,
      events: this,
      logger: this.#logger,
      security,
      peers: new DatanodeConnections({ security: security.outgoing }),
      syncOnClose: options.syncOnClose ?? false,
      useDatanodeHostname: options.useDatanodeHostname ?? false,
      idleMs: options.idleMs ?? idleMs,
      keepAliveMs: options.keepAliveMs ?? keepAliveMs,
      xceiversMax: options.xceiversMax ?? xceiversMax,
      balanceThrottle: this.#throttle,
      balancerMoves: this.#moves,
      activity: this.#activity,
      identity: (blockPoolId) => this.#pools.ofPool(blockPoolId)?.identity() ?? this.#datanodeId(),
      peerLatencies: this.#peerLatencies,
      suspect: (blockPoolId, replica) => this.#care.suspects.add(blockPoolId, replica),
    }
  }

  #makeNameservice(
    name: string,
    namenodes: readonly NamenodeAddress[],
    ended: (service: Nameservice) => void,
  ): Nameservice {
    const options = this.#options
    const heartbeatIntervalMs = options.heartbeatIntervalMs ?? heartbeatIntervalMsDefault
    const latencies = this.#peerLatencies
    const disks = this.#diskLatencies
    return new Nameservice({
      name,
      namenodes,
      ended,
      incrementalReportIntervalMs: options.incrementalReportIntervalMs ?? 0,
      lifelineIntervalMs: options.lifelineIntervalMs ?? 3 * heartbeatIntervalMs,
      outlierReportIntervalMs: options.outlierReportIntervalMs ?? outlierReportIntervalMsDefault,
      minimumNamenodeVersion: options.minimumNamenodeVersion ?? minimumNamenodeVersionDefault,
      slowPeers: latencies && (() => latencies.slowPeers()),
      slowDisks: disks && (() => disks.slowDisks()),
      cache: this.#care.cacheReports,
      client: this.#client,
      activity: this.#activity,
      storage: this.#storage,
      logger: this.#logger,
      heartbeatIntervalMs,
      blockReportIntervalMs: options.blockReportIntervalMs ?? blockReportIntervalMsDefault,
      blockReportInitialDelayMs: options.blockReportInitialDelayMs ?? 0,
      blockReportSplitReplicas: options.blockReportSplitReplicas ?? reportSplitReplicas,
      executor: this.#executor,
      random: options.random ?? Math.random,
      reports: new NodeReports(() => ({
        transfers: this.#executor.transfers,
        xceivers: this.#transferServer.xceiverCount,
        failures: this.#storage.failures,
        cache: this.#care.cache,
      })),
      datanodeId: () => this.#datanodeId(),
    })
  }

  #makeRpcServer(): RpcServer {
    const storeOf = (blockPoolId: string): ReplicaStore => {
      const store = this.#storage.pool(blockPoolId)
      if (store) return store
      throw new ReplicaError('ERR_DN_REPLICA_MISSING', `find block pool ${blockPoolId}: found no such pool`)
    }
    const namenodeOf = (blockPoolId: string) => this.#pools.namenodeOf(blockPoolId)
    const generations = hdfsGenerationsOf(this.#options.rpcVersions ?? rpcVersionsDefault)
    const client = clientDatanodeService({
      administrators: new Administrators({
        permissions: this.#options.permissions ?? true,
        owner: this.#options.user ?? userInfo().username,
        supergroup: this.#options.supergroup ?? 'supergroup',
      }),
      reconfiguration: this.#makeReconfiguration(),
      diskBalancer: this.#diskBalancer,
      startedMs: this.#startedMs,
      storeOf,
      volumes: () => this.#volumeCounts(),
      balancerBandwidth: () => this.#throttle.bytesPerSecond,
      triggerBlockReport: (incremental, namenode) => {
        for (const actor of this.#pools.actors()) {
          const { host, port } = actor.link.address
          if (namenode !== undefined && namenode !== `${host}:${port}`) continue
          if (!incremental) actor.scheduleFullReport()
          actor.sendReports()
        }
      },
      evictWriters: () => this.#transferServer.evictWriters(),
      // The answer must leave first.
      shutdown: (restarting) => {
        if (this.#closing) return false
        setImmediate(() => this.close({ restarting }))
        return true
      },
      refreshNamenodes: () => this.#refreshNamenodes(),
      recoverBlock: generations.some(({ pipelineRecovery }) => pipelineRecovery === 'datanode')
        ? (request) => recoverBlockOfPipeline({ client: this.#client, storeOf, namenodeOf }, request)
        : undefined,
      deleteBlockPool: (blockPoolId, force) => this.#deleteBlockPool(blockPoolId, force),
    })
    return new RpcServer({
      services: [interDatanodeService(storeOf, this), client],
      generations,
      logger: this.#logger,
    })
  }

  #deleteBlockPool(blockPoolId: string, force: boolean): Promise<void> {
    const running =
      this.#pools.ofPool(blockPoolId) !== undefined || this.#storage.pool(blockPoolId) !== undefined
    return deleteBlockPool({ blockPoolId, force, volumes: this.#storage.volumes, running })
  }

  async #refreshNamenodes(): Promise<void> {
    const { reloadConfiguration } = this.#options
    if (!reloadConfiguration)
      throw unsupported('read again which NameNodes there are: no configuration was given')
    await this.#pools.refresh(configuredNameservices(await reloadConfiguration()))
  }

  #makeReconfiguration(): Reconfiguration {
    const { configuration = new Configuration(), reloadConfiguration: reload } = this.#options
    const node = {
      moves: this.#moves,
      setConnectionsMax: (count: number) => {
        this.#transferServer.connectionsMax = count
      },
      setBlockReportIntervalMs: (ms: number) => {
        for (const service of this.#pools.services) service.blockReportIntervalMs = ms
      },
      refreshVolumes: (dirs: readonly string[]) => this.refreshVolumes(dirs),
    }
    return nodeReconfiguration(node, { current: configuration, reload, logger: this.#logger })
  }

  #volumeCounts() {
    const counts = new Map(this.#storage.volumes.map((volume) => [volume, 0]))
    for (const store of this.#storage.pools()) {
      for (const slice of store.slices) {
        counts.set(slice.volume, (counts.get(slice.volume) ?? 0) + store.index.countOf(slice))
      }
    }
    return [...counts].map(([volume, replicas]) => ({ volume, replicas }))
  }

  #datanodeId(): DatanodeIDProto {
    const loopback = this.#host.startsWith('127.') || this.#host === '::1'
    return {
      ipAddr: this.#host,
      hostName: this.#options.hostName ?? (loopback ? 'localhost' : hostname()),
      datanodeUuid: this.uuid,
      xferPort: this.address.port,
      infoPort: this.#web?.port ?? 0,
      ipcPort: this.ipcAddress.port,
      infoSecurePort: 0,
    }
  }
}
