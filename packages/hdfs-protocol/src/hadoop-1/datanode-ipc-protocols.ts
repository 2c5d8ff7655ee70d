// What DataNodes of Hadoop 1.2.1 answer on their RPC port: `InterDatanodeProtocol`, version 3, and
// `ClientDatanodeProtocol`, version 4.
import type { JavaType } from '@cairn/hadoop-writable'
import { method1 } from './method.ts'
import {
  Block1,
  BlockLocalPathInfo1,
  BlockMetaDataInfo1,
  BlockRecoveryInfo1,
  DatanodeInfo1,
  hadoop1Types,
  LocatedBlock1,
  Token1,
} from './writables.ts'

/** What `getProtocolVersion` is asked for. */
export const interDatanodeProtocol1 = {
  name: 'org.apache.hadoop.hdfs.server.protocol.InterDatanodeProtocol',
  version: 3n,
} as const

/** What `getProtocolVersion` is asked for. */
export const clientDatanodeProtocol1 = {
  name: 'org.apache.hadoop.hdfs.protocol.ClientDatanodeProtocol',
  version: 4n,
} as const

const block = { writable: Block1 } as const

const method = <const P extends readonly JavaType[], const R extends JavaType>(
  name: string,
  parameters: P,
  result: R,
) => method1(hadoop1Types, name, parameters, result)

/** DataNodes among each other, for block recovery. */
export const InterDatanodeProtocol3 = {
  getProtocolVersion: method('getProtocolVersion', ['String', 'long'], 'long'),
  getBlockMetaDataInfo: method('getBlockMetaDataInfo', [block], { writable: BlockMetaDataInfo1 }),
  startBlockRecovery: method('startBlockRecovery', [block], { writable: BlockRecoveryInfo1 }),
  /** old block, new block, finalize it. */
  updateBlock: method('updateBlock', [block, block, 'boolean'], 'void'),
} as const

/** Clients to a DataNode. */
export const ClientDatanodeProtocol4 = {
  getProtocolVersion: method('getProtocolVersion', ['String', 'long'], 'long'),
  /** block, keep its length, the nodes that have it → the block as it is now. */
  recoverBlock: method('recoverBlock', [block, 'boolean', { array: { writable: DatanodeInfo1 } }], {
    writable: LocatedBlock1,
  }),
  /** The block with the length that readers may see. */
  getBlockInfo: method('getBlockInfo', [block], block),
  getBlockLocalPathInfo: method('getBlockLocalPathInfo', [block, { writable: Token1 }], {
    writable: BlockLocalPathInfo1,
  }),
} as const
