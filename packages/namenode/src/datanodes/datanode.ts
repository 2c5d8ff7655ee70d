/** What the NameNode knows of one DataNode; org.apache.hadoop.hdfs.server.blockmanagement.DatanodeDescriptor. */
import type { BlockInfo } from '../blocks/block-info.ts'
import { DatanodeStorage } from './datanode-storage.ts'

/** DatanodeIDProto without what the NameNode overwrites. */
export interface DatanodeAddress {
  readonly ipAddr: string
  readonly hostName: string
  readonly xferPort: number
  readonly infoPort: number
  readonly infoSecurePort: number
  readonly ipcPort: number
}

/** A replica to be deleted by a DataNode; ids and stamps as they are on its disk. */
export interface ReplicaToDelete {
  readonly id: number
  readonly generationStamp: number
  readonly numBytes: number
}

/** A block to be copied to other DataNodes. */
export interface TransferWork {
  readonly block: BlockInfo
  readonly targets: readonly DatanodeStorage[]
}

export class Datanode {
  readonly uuid: string
  address: DatanodeAddress
  softwareVersion = ''
  networkLocation = '/default-rack'
  readonly storages = new Map<string, DatanodeStorage>()
  alive = true
  /** Milliseconds since 1970 of the last heartbeat. */
  lastUpdateMs = 0
  /** The same on the monotonic clock, which decides about life and death. */
  lastHeartbeatMs = 0
  lastBlockReportMs = 0
  xceiverCount = 0
  xmitsInProgress = 0
  failedVolumes = 0
  cacheCapacity = 0
  cacheUsed = 0
  /** Lease for the next full block report; 0n = none given out. */
  blockReportLease = 0n
  /** To be sent with the next heartbeats. */
  readonly toDelete = new Map<number, ReplicaToDelete>()
  readonly toTransfer: TransferWork[] = []
  readonly toRecover: BlockInfo[] = []

  constructor(uuid: string, address: DatanodeAddress) {
    this.uuid = uuid
    this.address = address
  }

  storage(storageId: string): DatanodeStorage {
    let storage = this.storages.get(storageId)
    if (storage === undefined) {
      storage = new DatanodeStorage(this, storageId)
      this.storages.set(storageId, storage)
    }
    return storage
  }

  /** Sum of one figure over all volumes. */
  total(figure: 'capacity' | 'dfsUsed' | 'remaining' | 'blockPoolUsed' | 'nonDfsUsed'): number {
    let sum = 0
    for (const storage of this.storages.values()) sum += storage[figure]
    return sum
  }

  get blockCount(): number {
    let count = 0
    for (const storage of this.storages.values()) count += storage.blocks.size
    return count
  }
}
