import type { DatanodeIDProto } from '@cairn/hadoop-proto'
import type { ClientSettings } from '../settings.ts'

/** A DataNode's RPC address, by IP address unless the settings say host name. */
export function ipcAddress(id: DatanodeIDProto, settings: ClientSettings): { host: string; port: number } {
  return { host: settings.useDatanodeHostname ? id.hostName : id.ipAddr, port: id.ipcPort }
}
