import type { DatanodeInfoProto } from '@cairn/hadoop-proto'

/** Where a DataNode's data transfer port is. */
export interface DatanodeAddress {
  readonly host: string
  readonly port: number
}

/** `host:port`, IPv6 in brackets. */
export function formatDatanodeAddress({ host, port }: DatanodeAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Where to reach a DataNode of a located block: its IP address, or its name (`dfs.client.use.datanode.hostname`). */
export function datanodeAddress(info: DatanodeInfoProto, useHostname = false): DatanodeAddress {
  return { host: useHostname ? info.id.hostName : info.id.ipAddr, port: info.id.xferPort }
}
