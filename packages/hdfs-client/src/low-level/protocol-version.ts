import type { RpcMethod } from '@cairn/hadoop-ipc'
import {
  type GetProtocolVersionsRequestProto,
  type GetProtocolVersionsResponseProto,
  ProtocolInfo,
} from '@cairn/hadoop-proto'
import { clientProtocol, protocolMetaInfo } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { classifyFailure } from '../namenode/classify-failure.ts'
import { explainFailure } from '../namenode/explain-failure.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'

/** `RPC.RpcKind` of the protocols since Hadoop 2. */
const protocolBufferKind = 'RPC_PROTOCOL_BUFFER'

/** Asks a NameNode of Hadoop 2 and later for its version of ClientProtocol. */
export async function askProtocolVersion(context: ClientContext, options?: CallOptions): Promise<bigint> {
  const { rpc, namenode } = context
  const method: RpcMethod<GetProtocolVersionsRequestProto, GetProtocolVersionsResponseProto> =
    ProtocolInfo.getProtocolVersions
  try {
    const request = { protocol: clientProtocol.name }
    const { protocolVersions } = await rpc.call(
      namenode.active,
      protocolMetaInfo.name,
      method,
      request,
      options,
    )
    const found = protocolVersions.find(({ rpcKind }) => rpcKind === protocolBufferKind)?.versions ?? []
    return found.reduce((newest, version) => (version > newest ? version : newest), 0n)
  } catch (error) {
    throw explainFailure(error, classifyFailure(error), namenode.activeAddress)
  }
}
