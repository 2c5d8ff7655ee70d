import { ProtocolInfo } from '@cairn/hadoop-proto'
import { protocolMetaInfo } from '@cairn/hadoop-rpc'
import { defineService, type RpcService } from './rpc-service.ts'

/** The kinds of RPC by their Java names, in the order in which Hadoop lists them. */
const rpcKinds = ['RPC_BUILTIN', 'RPC_WRITABLE', 'RPC_PROTOCOL_BUFFER']

/**
 * `ProtocolMetaInfoPB`: which versions of a protocol this server has. Signatures are answered without method
 * hashes: those are made from the names of Java's generated classes, and clients only use them to ask for methods
 * of administration tools before calling them.
 */
export function protocolInfoService(services: ReadonlyMap<string, RpcService>): RpcService {
  const versionsOf = (protocol: string, kind: string): bigint[] => {
    const service = kind === 'RPC_PROTOCOL_BUFFER' ? services.get(protocol) : undefined
    return service === undefined ? [] : [service.version]
  }
  return defineService({
    protocol: protocolMetaInfo,
    methods: ProtocolInfo,
    handlers: {
      getProtocolVersions: ({ protocol }) => ({
        protocolVersions: rpcKinds.map((rpcKind) => ({ rpcKind, versions: versionsOf(protocol, rpcKind) })),
      }),
      getProtocolSignature: ({ protocol, rpcKind }) => ({
        protocolSignature: versionsOf(protocol, rpcKind).map((version) => ({ version, methods: [] })),
      }),
    },
  })
}
