/** One volume of one DataNode; org.apache.hadoop.hdfs.server.blockmanagement.DatanodeStorageInfo. */
import type { BlockInfo } from '../blocks/block-info.ts'
import type { Datanode } from './datanode.ts'

export class DatanodeStorage {
  readonly datanode: Datanode
  /** `DS-…`, chosen by the DataNode. */
  readonly storageId: string
  /** DatanodeStorageProto.StorageState: 0 NORMAL, 1 READ_ONLY_SHARED. */
  state = 0
  /** StorageTypeProto: 1 DISK, 2 SSD, 3 ARCHIVE, 4 RAM_DISK, 5 PROVIDED, 6 NVDIMM. */
  type = 1
  failed = false
  capacity = 0
  dfsUsed = 0
  remaining = 0
  blockPoolUsed = 0
  nonDfsUsed = 0
  /** Full block reports seen since the DataNode registered. */
  blockReports = 0
  /** Id of the last full report, to see when all RPCs of one report came. */
  lastBlockReportId = 0n
  /** The list of this storage alone, shared by all blocks with one replica. */
  readonly alone: readonly DatanodeStorage[] = Object.freeze([this])
  /** Blocks whose finalized replica this storage is believed to hold. */
  readonly blocks = new Set<BlockInfo>()

  constructor(datanode: Datanode, storageId: string) {
    this.datanode = datanode
    this.storageId = storageId
  }
}
