import { RpcClient } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { DatanodeConnections, DatanodeSecurity } from '@cairn/hdfs-block-io'
import { clientProtocol, hdfsGenerations } from '@cairn/hdfs-protocol'
import { DataEncryption } from './namenode/data-encryption.ts'
import { LeaseRenewer } from './namenode/lease-renewer.ts'
import { NamenodeProxy } from './namenode/namenode-proxy.ts'
import { ServerDefaults } from './namenode/server-defaults.ts'
import { formatAddress, type NamenodeTarget } from './namenode/target.ts'
import { DeadNodes } from './read/dead-nodes.ts'
import type { ClientSettings } from './settings.ts'

/** What the parts of one client share. */
export interface ClientContext {
  readonly settings: ClientSettings
  readonly rpc: RpcClient
  /** IP addresses of the NameNodes that were connected to, by `host:port`. */
  readonly remoteAddresses: ReadonlyMap<string, string>
  readonly namenode: NamenodeProxy
  readonly serverDefaults: ServerDefaults
  readonly dataEncryption: DataEncryption
  readonly leases: LeaseRenewer
  readonly datanodes: DatanodeConnections
  readonly deadNodes: DeadNodes
  /** Handles that are open: the client's end is theirs. */
  readonly openFiles: Set<{ abort(): Promise<void> }>
  /** Idempotent. */
  close(): Promise<void>
}

/** Makes the parts of a client; nothing is dialled yet. */
export function createContext(
  target: NamenodeTarget,
  settings: ClientSettings,
  clientName: string,
): ClientContext {
  const { user, realUser, connectTimeoutMs, callTimeoutMs } = settings
  const probe = {
    protocol: clientProtocol.name,
    method: ClientNamenodeProtocol.getServerDefaults,
    request: {},
  }
  const remoteAddresses = new Map<string, string>()
  const rpc = new RpcClient({
    user,
    realUser,
    connectTimeoutMs,
    callTimeoutMs,
    generations: hdfsGenerations,
    rpcVersion: settings.rpcVersion,
    probe,
    onConnected: (address, remoteAddress) => remoteAddresses.set(formatAddress(address), remoteAddress),
  })
  const namenode = new NamenodeProxy(rpc, target, settings)
  const leases = new LeaseRenewer(namenode, clientName)
  const serverDefaults = new ServerDefaults(namenode)
  const dataEncryption = new DataEncryption(namenode, serverDefaults)
  const security = new DatanodeSecurity({
    encryptionKey: () => dataEncryption.key(),
    forgetEncryptionKey: () => dataEncryption.forget(),
    protection: settings.dataTransferProtection,
    aes: settings.dataTransferAes,
  })
  const datanodes = new DatanodeConnections({ connectTimeoutMs, security })
  const openFiles = new Set<{ abort(): Promise<void> }>()
  return {
    settings,
    rpc,
    remoteAddresses,
    namenode,
    serverDefaults,
    dataEncryption,
    leases,
    datanodes,
    deadNodes: new DeadNodes(),
    openFiles,
    async close() {
      await Promise.all([...openFiles].map((file) => file.abort()))
      leases.close()
      await Promise.all([rpc.close(), datanodes.close()])
    },
  }
}
