// `org.apache.hadoop.hdfs.server.protocol.DatanodeProtocol`, version 26, as Hadoop 1.2.1 has it.
import type { JavaType } from '@cairn/hadoop-writable'
import { method1 } from './method.ts'
import {
  Block1,
  DatanodeId1,
  DatanodeInfo1,
  DatanodeRegistration1,
  datanodeCommands1,
  hadoop1Types,
  LocatedBlock1,
  NamespaceInfo1,
  UpgradeCommand1,
} from './writables.ts'

/** What `getProtocolVersion` is asked for. */
export const datanodeProtocol1 = {
  name: 'org.apache.hadoop.hdfs.server.protocol.DatanodeProtocol',
  version: 26n,
} as const

const registration = { writable: DatanodeRegistration1 } as const
const block = { writable: Block1 } as const
const upgrade = { writable: UpgradeCommand1 } as const
const command = {
  declared: 'org.apache.hadoop.hdfs.server.protocol.DatanodeCommand',
  instances: datanodeCommands1,
} as const

/** Java's array is declared with the one and filled with the other [hrpc4.object.2]. */
const datanodeId = {
  declared: DatanodeId1.javaClass,
  instances: { id: DatanodeId1, info: DatanodeInfo1, registration: DatanodeRegistration1 },
} as const

const method = <const P extends readonly JavaType[], const R extends JavaType>(
  name: string,
  parameters: P,
  result: R,
) => method1(hadoop1Types, name, parameters, result)

/** Methods by name: parameters in Java's order, then the result. */
export const DatanodeProtocol26 = {
  getProtocolVersion: method('getProtocolVersion', ['String', 'long'], 'long'),
  /** The answer has the name, storage id and block keys that the NameNode gave. */
  register: method('register', [registration], registration),
  /** registration, capacity, dfsUsed, remaining, xmitsInProgress, xceiverCount → orders. */
  sendHeartbeat: method('sendHeartbeat', [registration, 'long', 'long', 'long', 'int', 'int'], {
    array: command,
  }),
  /** registration; id, length and generation stamp of each replica. */
  blockReport: method('blockReport', [registration, { array: 'long' }], command),
  /** The same for replicas that are being written. */
  blocksBeingWrittenReport: method('blocksBeingWrittenReport', [registration, { array: 'long' }], 'void'),
  /** registration, blocks, for each the storage id of a replica to be deleted instead or "". */
  blockReceived: method('blockReceived', [registration, { array: block }, { array: 'String' }], 'void'),
  /** registration, NOTIFY 0, DISK_ERROR 1, INVALID_BLOCK 2 or FATAL_DISK_ERROR 3, message. */
  errorReport: method('errorReport', [registration, 'int', 'String'], 'void'),
  versionRequest: method('versionRequest', [], { writable: NamespaceInfo1 }),
  processUpgradeCommand: method('processUpgradeCommand', [upgrade], upgrade),
  reportBadBlocks: method('reportBadBlocks', [{ array: { writable: LocatedBlock1 } }], 'void'),
  /** block, whether the NameNode itself has ordered the recovery. */
  nextGenerationStamp: method('nextGenerationStamp', [block, 'boolean'], 'long'),
  /** block, new generation stamp, new length, close the file, delete the block, new locations. */
  commitBlockSynchronization: method(
    'commitBlockSynchronization',
    [block, 'long', 'long', 'boolean', 'boolean', { array: datanodeId }],
    'void',
  ),
} as const
