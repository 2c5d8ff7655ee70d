import type { RpcMethod } from '@cairn/hadoop-ipc'
import {
  type GetProtocolSignatureRequestProto,
  type GetProtocolSignatureResponseProto,
  ProtocolInfo,
} from '@cairn/hadoop-proto'
import { clientProtocol, protocolMetaInfo } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { classifyFailure } from '../namenode/classify-failure.ts'
import { explainFailure } from '../namenode/explain-failure.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'

/** `RPC.RpcKind` of the protocols since Hadoop 2. */
const protocolBufferKind = 'RPC_PROTOCOL_BUFFER'

/**
 * Asks a NameNode of Hadoop 2 and later for its version of ClientProtocol. The signature tells it: `getProtocolVersions`
 * fails on Java's servers, which leave out a required field for each kind of RPC that they do not speak.
 */
export async function askProtocolVersion(context: ClientContext, options?: CallOptions): Promise<bigint> {
  const { rpc, namenode } = context
  const method: RpcMethod<GetProtocolSignatureRequestProto, GetProtocolSignatureResponseProto> =
    ProtocolInfo.getProtocolSignature
  try {
    const request = { protocol: clientProtocol.name, rpcKind: protocolBufferKind }
    const { protocolSignature } = await rpc.call(
      namenode.active,
      protocolMetaInfo.name,
      method,
      request,
      options,
    )
    return protocolSignature.reduce((newest, { version }) => (version > newest ? version : newest), 0n)
  } catch (error) {
    throw explainFailure(error, classifyFailure(error), namenode.activeAddress)
  }
}
