import { randomUUID } from 'node:crypto'
import type { DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import { DatanodeConnections } from '@cairn/hdfs-block-io'
import { Activity } from '../activity.ts'
import { silentLogger } from '../logger.ts'
import { TransferSecurity } from '../security/transfer-security.ts'
import { DataStorage } from '../storage/data-storage.ts'
import type { Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { MoveSlots } from '../transfer/move-slots.ts'
import { Throttle } from '../transfer/throttle.ts'
import type { TransferContext } from '../transfer/transfer-context.ts'
import { TransferServer } from '../transfer/transfer-server.ts'

export const testPool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }

/** The data transfer half of a DataNode, without a NameNode: what it would be told is kept. */
export class TransferNode {
  readonly told: string[] = []
  readonly corrupt: { replica: Replica; reason: string }[] = []
  readonly suspects: Replica[] = []
  readonly storage: DataStorage
  readonly context: TransferContext
  readonly server: TransferServer
  #store: ReplicaStore | undefined
  #port = 0
  /** Resolves at the next event that the NameNode would hear of. */
  #heard: (() => void)[] = []

  private constructor(options: { dir: string | undefined; context: Partial<TransferContext> }) {
    this.storage = new DataStorage({
      dirs: options.dir === undefined ? [] : [options.dir],
      memoryBytes: options.dir === undefined ? 64 << 20 : undefined,
      logger: silentLogger,
      now: () => 0,
      newUuid: randomUUID,
    })
    this.context = {
      storage: this.storage,
      events: {
        receiving: (_, replica) => this.#tell(`receiving ${replica.blockId}`),
        received: (_, replica) => this.#tell(`received ${replica.blockId} ${replica.length}`),
        deleted: (_, replica) => this.#tell(`deleted ${replica.blockId}`),
        corrupt: (_, replica, reason) => {
          this.corrupt.push({ replica, reason })
          this.#tell(`corrupt ${replica.blockId}`)
        },
        full: () => {},
        corruptElsewhere: (block, source) =>
          this.#tell(`corrupt ${block.blockId} at port ${source.id.xferPort}`),
      },
      logger: silentLogger,
      security: new TransferSecurity({ options: {}, user: 'test', logger: silentLogger, now: Date.now }),
      syncOnClose: false,
      useDatanodeHostname: false,
      idleMs: 5_000,
      keepAliveMs: 4_000,
      xceiversMax: 64,
      peers: new DatanodeConnections(),
      balanceThrottle: new Throttle(0),
      balancerMoves: new MoveSlots(8),
      activity: new Activity(),
      identity: () => this.info.id,
      suspect: (_, replica) => {
        this.suspects.push(replica)
        this.#tell(`suspect ${replica.blockId}`)
      },
      ...options.context,
    }
    this.server = new TransferServer(this.context)
  }

  /** Without `dir`, blocks are kept in memory. */
  static async start(
    options: { dir?: string; context?: Partial<TransferContext> } = {},
  ): Promise<TransferNode> {
    const node = new TransferNode({ dir: options.dir, context: options.context ?? {} })
    node.#store = await node.storage.openPool(testPool)
    node.#port = (await node.server.listen({ host: '127.0.0.1', port: 0 })).port
    return node
  }

  get store(): ReplicaStore {
    return this.#store!
  }

  get port(): number {
    return this.#port
  }

  get info(): DatanodeInfoProto {
    return {
      id: {
        ipAddr: '127.0.0.1',
        hostName: 'localhost',
        datanodeUuid: this.storage.datanodeUuid,
        xferPort: this.#port,
        infoPort: 0,
        ipcPort: 0,
      },
    }
  }

  /** Resolves when the node has told `event`. */
  async until(event: string): Promise<void> {
    while (!this.told.includes(event)) await new Promise<void>((resolve) => this.#heard.push(resolve))
  }

  /** The replica's bytes as they are stored. */
  bytes(blockId: bigint): Uint8Array {
    const replica = this.store.find(blockId)!
    const data = new Uint8Array(replica.length)
    const file = this.store.openForRead(replica)
    file.readSync('data', data, 0)
    file.close()
    return data
  }

  /** Flips one bit of a stored file. */
  flip(blockId: bigint, part: 'data' | 'meta', position: number): void {
    const replica = this.store.find(blockId)!
    const file = replica.slice.open(replica, 'write')
    const byte = new Uint8Array(1)
    file.readSync(part, byte, position)
    byte[0]! ^= 1
    file.write(part, [byte], position)
    file.close()
  }

  async stop(): Promise<void> {
    await this.server.close()
    await this.storage.close()
  }

  #tell(event: string): void {
    this.told.push(event)
    const heard = this.#heard
    this.#heard = []
    for (const resolve of heard) resolve()
  }
}

/** A block of the test's pool. */
export function testBlock(blockId: bigint, generationStamp = 1001n, numBytes = 1 << 20): ExtendedBlockProto {
  return { poolId: testPool.blockPoolId, blockId, generationStamp, numBytes: BigInt(numBytes) }
}
