// The whole file system: space, nodes, safe mode, tokens.
import {
  type CancelDelegationTokenRequestProto,
  DatanodeReportTypeProto,
  type FinalizeUpgradeRequestProto,
  type GetDatanodeReportRequestProto,
  type GetDatanodeReportResponseProto,
  type GetDatanodeStorageReportRequestProto,
  type GetDatanodeStorageReportResponseProto,
  type GetDelegationTokenRequestProto,
  type GetDelegationTokenResponseProto,
  type GetFsStatsResponseProto,
  type GetFsStatusRequestProto,
  type MetaSaveRequestProto,
  type RefreshNodesRequestProto,
  type RenewDelegationTokenRequestProto,
  type RenewDelegationTokenResponseProto,
  SafeModeActionProto,
  type SaveNamespaceRequestProto,
  type SaveNamespaceResponseProto,
  type SetBalancerBandwidthRequestProto,
  type SetSafeModeRequestProto,
} from '@cairn/hadoop-proto'
import { ClientProtocol61 } from '../client-protocol.ts'
import { form, nothing, truth } from './form.ts'
import {
  constantOf,
  datanode1Of,
  datanodeOf,
  datanodesOf,
  nameOfConstant,
  present,
  signed,
  text,
  token1Of,
  tokenOf1,
  unsigned,
} from './values.ts'

/** FSConstants.DatanodeReportType */
const reportTypes = {
  ALL: DatanodeReportTypeProto.ALL,
  LIVE: DatanodeReportTypeProto.LIVE,
  DEAD: DatanodeReportTypeProto.DEAD,
} as const

/** FSConstants.SafeModeAction */
const safeModeActions = {
  SAFEMODE_LEAVE: SafeModeActionProto.SAFEMODE_LEAVE,
  SAFEMODE_ENTER: SafeModeActionProto.SAFEMODE_ENTER,
  SAFEMODE_GET: SafeModeActionProto.SAFEMODE_GET,
} as const

/** Whether Hadoop 1 has the kind of report. */
export const knowsReport = (type: number): boolean => type <= DatanodeReportTypeProto.DEAD

/** Whether Hadoop 1 has the action. */
export const knowsSafeModeAction = (action: number): boolean => action <= SafeModeActionProto.SAFEMODE_GET

const none = { request: () => ({}) } as const

/** The whole file system, by today's names. */
export const adminForms = {
  /** Six numbers; later releases have more [client1.stats.1]. */
  getFsStats: form(ClientProtocol61.getStats, {
    parameters: (_: GetFsStatusRequestProto) => [],
    request: () => ({}),
    result: (stats: GetFsStatsResponseProto) =>
      [
        stats.capacity,
        stats.used,
        stats.remaining,
        stats.under_replicated,
        stats.corrupt_blocks,
        stats.missing_blocks,
      ].map(signed),
    response: (longs) => {
      const at = (index: number) => unsigned(longs?.[index] ?? 0n)
      return {
        capacity: at(0),
        used: at(1),
        remaining: at(2),
        under_replicated: at(3),
        corrupt_blocks: at(4),
        missing_blocks: at(5),
      }
    },
  }),

  getDatanodeReport: form(ClientProtocol61.getDatanodeReport, {
    parameters: ({ type }: GetDatanodeReportRequestProto) => [nameOfConstant(reportTypes, type)],
    request: ([type]) => ({ type: constantOf(reportTypes, type) }),
    result: ({ di }: GetDatanodeReportResponseProto) => di.map(datanode1Of),
    response: (nodes) => ({ di: datanodesOf(nodes) }),
  }),

  /** Each DataNode is one storage [client1.datanode.2]. */
  getDatanodeStorageReport: form(ClientProtocol61.getDatanodeReport, {
    parameters: ({ type }: GetDatanodeStorageReportRequestProto) => [nameOfConstant(reportTypes, type)],
    request: ([type]) => ({ type: constantOf(reportTypes, type) }),
    result: ({ datanodeStorageReports }: GetDatanodeStorageReportResponseProto) =>
      datanodeStorageReports.map(({ datanodeInfo }) => datanode1Of(datanodeInfo)),
    response: (nodes) => ({
      datanodeStorageReports: (nodes ?? []).map((node) => {
        const datanodeInfo = datanodeOf(present(node, 'a DatanodeInfo'))
        const { capacity, dfsUsed, remaining, id } = datanodeInfo
        const storageReports = [{ storageUuid: id.datanodeUuid, capacity, dfsUsed, remaining }]
        return { datanodeInfo, storageReports }
      }),
    }),
  }),

  setSafeMode: form(ClientProtocol61.setSafeMode, {
    parameters: ({ action }: SetSafeModeRequestProto) => [nameOfConstant(safeModeActions, action)],
    request: ([action]) => ({ action: constantOf(safeModeActions, action) }),
    ...truth,
  }),

  saveNamespace: form(ClientProtocol61.saveNamespace, {
    parameters: (_: SaveNamespaceRequestProto) => [],
    request: () => ({}),
    result: (_: SaveNamespaceResponseProto) => undefined,
    response: () => ({ saved: true }),
  }),
  refreshNodes: form(ClientProtocol61.refreshNodes, {
    ...none,
    parameters: (_: RefreshNodesRequestProto) => [],
    ...nothing,
  }),
  finalizeUpgrade: form(ClientProtocol61.finalizeUpgrade, {
    ...none,
    parameters: (_: FinalizeUpgradeRequestProto) => [],
    ...nothing,
  }),
  metaSave: form(ClientProtocol61.metaSave, {
    parameters: ({ filename }: MetaSaveRequestProto) => [filename],
    request: ([filename]) => ({ filename: text(filename) }),
    ...nothing,
  }),
  setBalancerBandwidth: form(ClientProtocol61.setBalancerBandwidth, {
    parameters: ({ bandwidth }: SetBalancerBandwidthRequestProto) => [bandwidth],
    request: ([bandwidth]) => ({ bandwidth }),
    ...nothing,
  }),

  getDelegationToken: form(ClientProtocol61.getDelegationToken, {
    parameters: ({ renewer }: GetDelegationTokenRequestProto) => [{ text: renewer }],
    request: ([renewer]) => ({ renewer: present(renewer, 'a renewer').text }),
    result: ({ token }: GetDelegationTokenResponseProto) => (token === undefined ? null : token1Of(token)),
    response: (token) => ({ token: token === null ? undefined : tokenOf1(token) }),
  }),
  renewDelegationToken: form(ClientProtocol61.renewDelegationToken, {
    parameters: ({ token }: RenewDelegationTokenRequestProto) => [token1Of(token)],
    request: ([token]) => ({ token: tokenOf1(present(token, 'a Token')) }),
    result: ({ newExpiryTime }: RenewDelegationTokenResponseProto) => signed(newExpiryTime),
    response: (expiry) => ({ newExpiryTime: unsigned(expiry) }),
  }),
  cancelDelegationToken: form(ClientProtocol61.cancelDelegationToken, {
    parameters: ({ token }: CancelDelegationTokenRequestProto) => [token1Of(token)],
    request: ([token]) => ({ token: tokenOf1(present(token, 'a Token')) }),
    ...nothing,
  }),
} as const
