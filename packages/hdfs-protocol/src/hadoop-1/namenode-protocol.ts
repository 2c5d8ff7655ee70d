// `org.apache.hadoop.hdfs.server.protocol.NamenodeProtocol`, version 3, as Hadoop 1.2.1 has it.
import type { JavaType } from '@cairn/hadoop-writable'
import { method1 } from './method.ts'
import {
  BlocksWithLocations1,
  CheckpointSignature1,
  DatanodeInfo1,
  ExportedBlockKeys1,
  hadoop1Types,
} from './writables.ts'

/** What `getProtocolVersion` is asked for. */
export const namenodeProtocol1 = {
  name: 'org.apache.hadoop.hdfs.server.protocol.NamenodeProtocol',
  version: 3n,
} as const

const method = <const P extends readonly JavaType[], const R extends JavaType>(
  name: string,
  parameters: P,
  result: R,
) => method1(hadoop1Types, name, parameters, result)

/** Secondary NameNodes and balancers to the NameNode. */
export const NamenodeProtocol3 = {
  getProtocolVersion: method('getProtocolVersion', ['String', 'long'], 'long'),
  /** DataNode, bytes of blocks that are wanted. */
  getBlocks: method('getBlocks', [{ writable: DatanodeInfo1 }, 'long'], { writable: BlocksWithLocations1 }),
  getBlockKeys: method('getBlockKeys', [], { writable: ExportedBlockKeys1 }),
  getEditLogSize: method('getEditLogSize', [], 'long'),
  rollEditLog: method('rollEditLog', [], { writable: CheckpointSignature1 }),
  rollFsImage: method('rollFsImage', [], 'void'),
} as const
