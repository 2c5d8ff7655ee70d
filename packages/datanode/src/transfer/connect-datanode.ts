import type { DatanodeIDProto, ExtendedBlockProto, TokenProto } from '@cairn/hadoop-proto'
import { secureConnection } from '@cairn/hdfs-block-io'
import { type Connection, connectTcp } from '@cairn/transport'
import type { TransferContext } from './transfer-context.ts'

export interface ConnectDatanodeOptions {
  readonly node: DatanodeIDProto
  /** What the connection is for: its token may be needed to log in. */
  readonly block: Pick<ExtendedBlockProto, 'poolId'>
  readonly token: TokenProto
  /** For connecting, and then for logging in. */
  readonly timeoutMs: number
  readonly highWaterBytes?: number
}

/** Connects to the data transfer port of another DataNode, and logs in where the cluster wants it. */
export async function connectDatanode(
  context: TransferContext,
  options: ConnectDatanodeOptions,
): Promise<Connection> {
  const { node, timeoutMs } = options
  const host = context.useDatanodeHostname ? node.hostName : node.ipAddr
  const address = { host, port: node.xferPort }
  const highWater = options.highWaterBytes === undefined ? {} : { highWaterBytes: options.highWaterBytes }
  const outgoing = context.security.outgoing
  if (outgoing === undefined) return await connectTcp({ ...address, timeoutMs, ...highWater })
  const handshake = await outgoing.handshake(address, options.block.poolId, options.token)
  const connection = await connectTcp({ ...address, timeoutMs, ...highWater })
  return handshake === undefined ? connection : await secureConnection(connection, handshake, { timeoutMs })
}
