// Methods that releases of Hadoop 2 have and today's tables do not, or whose messages were others.
import {
  BlockReportRequestProto,
  BlockReportResponse20Proto,
  DistributedUpgradeProgressRequestProto,
  DistributedUpgradeProgressResponseProto,
  GetHdfsBlockLocationsRequestProto,
  GetHdfsBlockLocationsResponse20Proto,
  GetHdfsBlockLocationsResponseProto,
  HeartbeatRequestProto,
  HeartbeatResponse20Proto,
  type MessageCodec,
  ProcessUpgradeRequestProto,
  ProcessUpgradeResponseProto,
} from '@cairn/hadoop-proto'
import { clientDatanodeProtocol, clientProtocol, datanodeProtocol } from '../protocols.ts'

/** A method and its codecs. */
export interface AnyMethod {
  readonly name: string
  readonly request: MessageCodec<unknown>
  readonly response: MessageCodec<unknown>
}

type Methods = ReadonlyMap<string, Readonly<Record<string, AnyMethod>>>

/** By Java name of the protocol: 2.0.0-alpha to 2.0.6-alpha, RPC 7 and 8. */
const methods20: Methods = new Map<string, Readonly<Record<string, AnyMethod>>>([
  [
    clientProtocol.name,
    {
      /** 2.0.0-alpha. */
      distributedUpgradeProgress: {
        name: 'distributedUpgradeProgress',
        request: DistributedUpgradeProgressRequestProto,
        response: DistributedUpgradeProgressResponseProto,
      },
    },
  ],
  [
    datanodeProtocol.name,
    {
      sendHeartbeat: {
        name: 'sendHeartbeat',
        request: HeartbeatRequestProto,
        response: HeartbeatResponse20Proto,
      },
      blockReport: {
        name: 'blockReport',
        request: BlockReportRequestProto,
        response: BlockReportResponse20Proto,
      },
      /** 2.0.0-alpha. */
      processUpgrade: {
        name: 'processUpgrade',
        request: ProcessUpgradeRequestProto,
        response: ProcessUpgradeResponseProto,
      },
    },
  ],
  [
    clientDatanodeProtocol.name,
    {
      /** From 2.0.2-alpha on. */
      getHdfsBlockLocations: {
        name: 'getHdfsBlockLocations',
        request: GetHdfsBlockLocationsRequestProto,
        response: GetHdfsBlockLocationsResponse20Proto,
      },
    },
  ],
])

/** Until 2.10, RPC 9. */
const methods2: Methods = new Map<string, Readonly<Record<string, AnyMethod>>>([
  [
    clientDatanodeProtocol.name,
    {
      getHdfsBlockLocations: {
        name: 'getHdfsBlockLocations',
        request: GetHdfsBlockLocationsRequestProto,
        response: GetHdfsBlockLocationsResponseProto,
      },
    },
  ],
])

/** A method of an older release where it is not today's; undefined where today's table holds. */
export function pastMethod(rpcVersion: number, protocol: string, method: string): AnyMethod | undefined {
  return (rpcVersion < 9 ? methods20 : methods2).get(protocol)?.[method]
}
