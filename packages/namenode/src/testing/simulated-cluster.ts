/**
 * A whole NameNode in one thread without sockets: calls go through its RPC handlers, DataNodes are objects that obey
 * its commands, time moves only when told to. Everything follows from the seed.
 */
import type { CallContext, RequestOf, ResponseOf, RpcService } from '@cairn/hadoop-ipc'
import type {
  ClientNamenodeProtocol,
  DatanodeCommandProto,
  DatanodeRegistrationProto,
  HeartbeatResponseProto,
} from '@cairn/hadoop-proto'
import { encodeStorageBlockReport } from '@cairn/hdfs-protocol'
import type { EditOp } from '@cairn/hdfs-storage'
import { type Random, seededRandom } from '@cairn/testkit'
import { forgetDatanode, orderTransfers } from '../blocks/redundancy-work.ts'
import { Core } from '../core.ts'
import { MemoryJournal } from '../journal/memory-journal.ts'
import { Namespace } from '../namespace/namespace.ts'
import { releaseExpiredLeases } from '../operations/leases.ts'
import { RetryCache } from '../rpc/retry-cache.ts'
import { services } from '../rpc/services.ts'
import { defaultSettings, type Settings } from '../settings.ts'

const identity = { namespaceId: 42, clusterId: 'CID-test', blockPoolId: 'BP-1-127.0.0.1-1', cTime: 0 }
const gibibyte = 1024n ** 3n

/** Remembers what was journaled, for replays. */
export class RecordingJournal extends MemoryJournal {
  readonly ops: EditOp[] = []
  override append(op: EditOp): bigint {
    this.ops.push(structuredClone(op))
    return super.append(op)
  }
}

export interface SimulatedReplica {
  numBytes: number
  generationStamp: number
  corrupt: boolean
}

/** One DataNode: it does what it is told when its heartbeat is answered. */
export class SimulatedDatanode {
  readonly uuid: string
  readonly cluster: SimulatedCluster
  readonly index: number
  readonly replicas = new Map<number, SimulatedReplica>()
  up = true

  constructor(cluster: SimulatedCluster, index: number) {
    this.cluster = cluster
    this.index = index
    this.uuid = `dn-${index}`
  }

  get registration(): DatanodeRegistrationProto {
    return {
      datanodeID: {
        ipAddr: '127.0.0.1',
        hostName: `host-${this.index}`,
        datanodeUuid: this.uuid,
        xferPort: 9000 + this.index,
        infoPort: 0,
        ipcPort: 0,
      },
      storageInfo: { layoutVersion: -57, namespceID: 42, clusterID: 'CID-test', cTime: 0n },
      keys: {
        isBlockTokenEnabled: false,
        keyUpdateInterval: 0n,
        tokenLifeTime: 0n,
        currentKey: { keyId: 0, expiryDate: 0n },
        allKeys: [],
      },
      softwareVersion: '3.4.3',
    }
  }

  get storage() {
    return { storageUuid: `DS-${this.index}`, state: 0, storageType: 1 }
  }

  register(): void {
    this.cluster.datanodeCall('registerDatanode', { registration: this.registration })
  }

  heartbeat(): void {
    if (!this.up) return
    const answer = this.cluster.datanodeCall('sendHeartbeat', {
      registration: this.registration,
      reports: [
        {
          storageUuid: this.storage.storageUuid,
          storage: this.storage,
          capacity: gibibyte,
          remaining: gibibyte,
        },
      ],
      slowPeers: [],
      slowDisks: [],
    }) as HeartbeatResponseProto
    for (const command of answer.cmds) this.obey(command)
  }

  fullReport(): void {
    const replicas = [...this.replicas].map(([id, replica]) => ({
      blockId: BigInt(id),
      numBytes: replica.numBytes,
      generationStamp: BigInt(replica.generationStamp),
      state: 0 as const,
    }))
    this.cluster.datanodeCall('blockReport', {
      registration: this.registration,
      blockPoolId: identity.blockPoolId,
      reports: [encodeStorageBlockReport(this.storage, replicas, 1n)],
    })
  }

  /** Takes a finalized replica and reports it. */
  receive(id: number, numBytes: number, generationStamp: number): void {
    if (!this.up) return
    this.replicas.set(id, { numBytes, generationStamp, corrupt: false })
    this.incrementalReport(id, 2)
  }

  incrementalReport(id: number, status: number): void {
    const replica = this.replicas.get(id)
    const block = {
      blockId: BigInt(id),
      genStamp: BigInt(replica?.generationStamp ?? 0),
      numBytes: BigInt(replica?.numBytes ?? 0),
    }
    this.cluster.datanodeCall('blockReceivedAndDeleted', {
      registration: this.registration,
      blockPoolId: identity.blockPoolId,
      blocks: [{ storageUuid: this.storage.storageUuid, storage: this.storage, blocks: [{ block, status }] }],
    })
  }

  obey(command: DatanodeCommandProto): void {
    if (command.registerCmd !== undefined) {
      this.register()
      this.fullReport()
    }
    const orders = command.blkCmd
    orders?.blocks.forEach((block, index) => {
      const id = Number(block.blockId)
      const replica = this.replicas.get(id)
      if (replica === undefined || replica.generationStamp !== Number(block.genStamp)) return
      if (orders.action === 2) {
        this.replicas.delete(id)
        this.incrementalReport(id, 3)
        return
      }
      if (replica.corrupt) return
      for (const target of orders.targets[index]?.datanodes ?? []) {
        this.cluster.datanode(target.id.datanodeUuid).receive(id, replica.numBytes, replica.generationStamp)
      }
    })
    for (const { block, newGenStamp } of command.recoveryCmd?.blocks ?? [])
      this.recover(block.b.blockId, newGenStamp)
  }

  /** Primary of a block recovery: all living holders settle on the shortest length. */
  recover(blockId: bigint, newGenStamp: bigint): void {
    const id = Number(blockId)
    const holders = this.cluster.datanodes.filter((node) => node.up && node.replicas.has(id))
    const length = Math.min(...holders.map((node) => node.replicas.get(id)!.numBytes))
    for (const node of holders) {
      node.replicas.set(id, { numBytes: length, generationStamp: Number(newGenStamp), corrupt: false })
    }
    this.cluster.datanodeCall('commitBlockSynchronization', {
      block: { poolId: identity.blockPoolId, blockId, generationStamp: 0n, numBytes: 0n },
      newGenStamp,
      newLength: BigInt(holders.length === 0 ? 0 : length),
      closeFile: true,
      deleteBlock: holders.length === 0,
      newTaragets: holders.map((node) => node.registration.datanodeID),
      newTargetStorages: holders.map((node) => node.storage.storageUuid),
    })
  }
}

export interface SimulatedClusterOptions {
  readonly seed?: number
  readonly datanodes?: number
  readonly settings?: Partial<Settings>
  readonly groups?: Readonly<Record<string, readonly string[]>>
  /** A namespace to go on with, as after a restart. */
  readonly namespace?: Namespace
}

export class SimulatedCluster {
  readonly random: Random
  readonly core: Core
  readonly journal = new RecordingJournal()
  readonly datanodes: SimulatedDatanode[] = []
  readonly #services: readonly RpcService[]
  #clock = 1_000_000
  #callId = 0

  constructor(options: SimulatedClusterOptions = {}) {
    this.random = seededRandom(options.seed ?? 1)
    this.core = new Core({
      namespace: options.namespace ?? new Namespace(identity, 'root', 'supergroup'),
      journal: this.journal,
      env: {
        now: () => 1_700_000_000_000 + this.#clock,
        elapsed: () => this.#clock,
        random: () => this.random(),
      },
      settings: { ...defaultSettings, ...options.settings },
      groupsOf: (user) => options.groups?.[user] ?? [],
    })
    this.#services = services(this.core, new RetryCache())
    for (let index = 0; index < (options.datanodes ?? 0); index++) this.addDatanode()
  }

  addDatanode(): SimulatedDatanode {
    const node = new SimulatedDatanode(this, this.datanodes.length)
    this.datanodes.push(node)
    node.register()
    node.heartbeat()
    node.fullReport()
    return node
  }

  datanode(uuid: string): SimulatedDatanode {
    return this.datanodes.find((node) => node.uuid === uuid)!
  }

  /** A call of ClientProtocol; `callId` repeats an earlier one. */
  call<M extends keyof typeof ClientNamenodeProtocol>(
    method: M,
    request: Partial<RequestOf<(typeof ClientNamenodeProtocol)[M]>>,
    user = 'root',
    callId = this.#callId++,
  ): ResponseOf<(typeof ClientNamenodeProtocol)[M]> {
    const { handle } = this.#services[0]!.methods.get(method)!
    // The journal is in memory: every answer comes at once.
    return handle(defaults(request), this.#context(user, method, callId)) as ResponseOf<
      (typeof ClientNamenodeProtocol)[M]
    >
  }

  get lastCallId(): number {
    return this.#callId - 1
  }

  datanodeCall(method: string, request: object): unknown {
    return this.#services[1]!.methods.get(method)!.handle(
      request,
      this.#context('root', method, this.#callId++),
    )
  }

  #context(user: string, method: string, callId: number): CallContext {
    return {
      user,
      realUser: undefined,
      clientId: new Uint8Array(16).fill(1),
      callId,
      retryCount: 0,
      remoteAddress: '127.0.0.1',
      remotePort: 1,
      protocol: '',
      method,
      callerContext: undefined,
      signal: new AbortController().signal,
    }
  }

  /** Lets time pass in steps of a heartbeat, with all background work. */
  advance(ms: number): void {
    const { blocks, datanodes, settings } = this.core
    for (let left = ms; left > 0; left -= settings.heartbeatIntervalMs) {
      this.#clock += Math.min(left, settings.heartbeatIntervalMs)
      for (const node of this.datanodes) node.heartbeat()
      for (const dead of datanodes.takeDead()) forgetDatanode(blocks, dead)
      this.core.checkSafeMode()
      orderTransfers(blocks)
      releaseExpiredLeases(this.core)
    }
  }

  /** Writes a file of one block through a pipeline of live DataNodes; returns the block's id. */
  write(src: string, numBytes: number, replication = 1, close = true): number {
    const clientName = 'writer'
    this.call('create', {
      src,
      masked: { perm: 0o644 },
      clientName,
      createFlag: 3,
      createParent: true,
      replication,
      blockSize: 1_048_576n,
    })
    const { b, locs } = this.call('addBlock', { src, clientName }).block
    for (const { id } of locs) {
      this.datanode(id.datanodeUuid).receive(Number(b.blockId), numBytes, Number(b.generationStamp))
    }
    if (close) this.call('complete', { src, clientName, last: { ...b, numBytes: BigInt(numBytes) } })
    return Number(b.blockId)
  }

  holders(blockId: number): SimulatedDatanode[] {
    return this.datanodes.filter((node) => node.up && node.replicas.has(blockId))
  }
}

/** Lists that decoded requests always have. */
function defaults(request: object): object {
  return {
    excludeNodes: [],
    favoredNodes: [],
    flags: [],
    cryptoProtocolVersion: [],
    xAttrs: [],
    existings: [],
    excludes: [],
    existingStorageUuids: [],
    ...request,
  }
}
