// How Hadoop 1 speaks ClientProtocol: version 61, for clients and servers whose messages are today's.
import {
  type AppendRequestProto,
  ChecksumTypeProto,
  CreateFlagProto,
  type CreateRequestProto,
  type GetDatanodeReportRequestProto,
  type GetListingRequestProto,
  type GetServerDefaultsResponseProto,
  HAServiceStateProto,
  type MkdirsRequestProto,
  type SetQuotaRequestProto,
  type SetSafeModeRequestProto,
} from '@cairn/hadoop-proto'
import type { ClientForm, MethodForm, ProtocolDialect, ServerForm } from '@cairn/hadoop-rpc'
import { createOfOldClients } from '../../generations/new-file-mode.ts'
import { type ClientProtocolMethodName, firstRelease } from '../../generations/since.ts'
import { ClientProtocol61, clientProtocol1 } from '../client-protocol.ts'
import { adminForms, knowsReport, knowsSafeModeAction } from './admin-methods.ts'
import {
  listingWithLocations,
  locatedFileInfo,
  mkdirsInParent,
  overwriteExisting,
  renameTo,
} from './composed.ts'
import { createForm, fileForms } from './file-methods.ts'
import { call } from './form.ts'
import { namespaceForms } from './namespace-methods.ts'
import { answer, protocolVersion, type ServerForms, serve, serverFormFinder } from './server-forms.ts'

const absent = (since: string): ClientForm => ({ kind: 'absent', since })
const absentPart = (what: string, since: string): ClientForm => ({ kind: 'absent', since, what })
const local = <S>(response: S): ClientForm => ({ kind: 'local', answer: () => response })

/** The defaults of Hadoop 1's own configuration, which its clients read instead of asking [client1.defaults.1]. */
const serverDefaults: GetServerDefaultsResponseProto = {
  serverDefaults: {
    blockSize: 64n * 1024n * 1024n,
    bytesPerChecksum: 512,
    writePacketSize: 64 * 1024,
    replication: 3,
    fileBufferSize: 4096,
    encryptDataTransfer: false,
    trashInterval: 0n,
    checksumType: ChecksumTypeProto.CHECKSUM_CRC32,
  },
}

/** Methods that are the same call whatever is asked for. */
const plainForms: ReadonlyMap<string, ClientForm> = new Map<ClientProtocolMethodName, ClientForm>([
  ['getBlockLocations', call(fileForms.getBlockLocations)],
  ['addBlock', call(fileForms.addBlock)],
  ['abandonBlock', call(fileForms.abandonBlock)],
  ['complete', call(fileForms.complete)],
  ['reportBadBlocks', call(fileForms.reportBadBlocks)],
  ['fsync', call(fileForms.fsync)],
  ['renewLease', call(fileForms.renewLease)],
  ['recoverLease', call(fileForms.recoverLease)],
  ['isFileClosed', call(fileForms.isFileClosed)],
  ['getPreferredBlockSize', call(fileForms.getPreferredBlockSize)],
  ['getFileInfo', call(namespaceForms.getFileInfo)],
  ['getFileLinkInfo', call(namespaceForms.getFileLinkInfo)],
  ['rename', call(namespaceForms.rename)],
  ['concat', call(namespaceForms.concat)],
  ['delete', call(namespaceForms.delete)],
  ['setReplication', call(namespaceForms.setReplication)],
  ['setPermission', call(namespaceForms.setPermission)],
  ['setOwner', call(namespaceForms.setOwner)],
  ['setTimes', call(namespaceForms.setTimes)],
  ['getContentSummary', call(namespaceForms.getContentSummary)],
  ['getQuotaUsage', call(namespaceForms.getQuotaUsage)],
  ['getFsStats', call(adminForms.getFsStats)],
  ['saveNamespace', call(adminForms.saveNamespace)],
  ['refreshNodes', call(adminForms.refreshNodes)],
  ['finalizeUpgrade', call(adminForms.finalizeUpgrade)],
  ['metaSave', call(adminForms.metaSave)],
  ['setBalancerBandwidth', call(adminForms.setBalancerBandwidth)],
  ['getDelegationToken', call(adminForms.getDelegationToken)],
  ['renewDelegationToken', call(adminForms.renewDelegationToken)],
  ['cancelDelegationToken', call(adminForms.cancelDelegationToken)],
  ['rename2', renameTo],
  ['getLocatedFileInfo', locatedFileInfo],
  ['getServerDefaults', local(serverDefaults)],
  // Data transfer is in the clear; there is one NameNode, which knows all that it did [client1.local.1].
  ['getDataEncryptionKey', local({ dataEncryptionKey: undefined })],
  ['msync', local({})],
  ['getHAServiceState', local({ state: HAServiceStateProto.ACTIVE })],
])

/** Quotas of a storage type, reports and safe mode's ways out came later. */
const typeQuotaSince = '2.7.0'
const reportsSince = '2.6.0'
const forceExitSince = '2.8.0'
const newBlockSince = '2.7.0'
const storagePolicySince = '3.3.0'

/** Methods whose form depends on what is asked for. */
const formsByRequest: Readonly<Partial<Record<ClientProtocolMethodName, (request: never) => ClientForm>>> = {
  create(request: CreateRequestProto) {
    if (request.ecPolicyName) return absentPart('erasure coding', firstRelease.setErasureCodingPolicy!)
    if (request.storagePolicy) return absentPart('create with a storage policy', storagePolicySince)
    if ((request.createFlag & CreateFlagProto.CREATE) === 0) return overwriteExisting
    return call(createForm(request))
  },
  append: ({ flag = 0 }: AppendRequestProto) =>
    (flag & CreateFlagProto.NEW_BLOCK) === 0
      ? call(fileForms.append)
      : absentPart('append with newBlock', newBlockSince),
  mkdirs: ({ createParent }: MkdirsRequestProto) =>
    createParent ? call(namespaceForms.mkdirs) : mkdirsInParent,
  getListing: ({ needLocation }: GetListingRequestProto) =>
    needLocation ? listingWithLocations : call(namespaceForms.getListing),
  setQuota: ({ storageType }: SetQuotaRequestProto) =>
    storageType === undefined
      ? call(namespaceForms.setQuota)
      : absentPart('quotas of storage types', typeQuotaSince),
  setSafeMode: ({ action }: SetSafeModeRequestProto) =>
    knowsSafeModeAction(action)
      ? call(adminForms.setSafeMode)
      : absentPart('this way out of safe mode', forceExitSince),
  getDatanodeReport: ({ type }: GetDatanodeReportRequestProto) =>
    knowsReport(type) ? call(adminForms.getDatanodeReport) : absentPart('this kind of report', reportsSince),
  getDatanodeStorageReport: ({ type }: GetDatanodeReportRequestProto) =>
    knowsReport(type)
      ? call(adminForms.getDatanodeStorageReport)
      : absentPart('this kind of report', reportsSince),
}

/** The first release of today's methods that are neither here nor in the table of releases is the newest. */
const unknownSince = '3.0.0'

function clientForm(method: string, request: unknown): ClientForm {
  const plain = plainForms.get(method)
  if (plain) return plain
  const choose = formsByRequest[method as ClientProtocolMethodName] as
    | ((request: unknown) => ClientForm)
    | undefined
  return choose?.(request) ?? absent(firstRelease[method as ClientProtocolMethodName] ?? unknownSince)
}

/** One for each of the 39 methods of Java's interface. */
const serverForms: ServerForms<typeof ClientProtocol61> = {
  getProtocolVersion: protocolVersion(ClientProtocol61.getProtocolVersion),
  getBlockLocations: serve('getBlockLocations', fileForms.getBlockLocations),
  create: serve('create', createOfOldClients(fileForms.create)),
  createIn: serve('create', createOfOldClients(fileForms.createIn)),
  append: serve('append', fileForms.append),
  recoverLease: serve('recoverLease', fileForms.recoverLease),
  isFileClosed: serve('isFileClosed', fileForms.isFileClosed),
  setReplication: serve('setReplication', namespaceForms.setReplication),
  setPermission: serve('setPermission', namespaceForms.setPermission),
  setOwner: serve('setOwner', namespaceForms.setOwner),
  abandonBlock: serve('abandonBlock', fileForms.abandonBlock),
  addBlock: serve('addBlock', fileForms.addBlock),
  addBlockAnywhere: serve('addBlock', fileForms.addBlockAnywhere),
  complete: serve('complete', fileForms.complete),
  reportBadBlocks: serve('reportBadBlocks', fileForms.reportBadBlocks),
  rename: serve('rename', namespaceForms.rename),
  concat: serve('concat', namespaceForms.concat),
  delete: serve('delete', namespaceForms.delete),
  deleteTree: serve('delete', namespaceForms.deleteTree),
  mkdirs: serve('mkdirs', namespaceForms.mkdirs),
  getListing: serve('getListing', namespaceForms.getListing),
  renewLease: serve('renewLease', fileForms.renewLease),
  getStats: serve('getFsStats', adminForms.getFsStats),
  getDatanodeReport: serve('getDatanodeReport', adminForms.getDatanodeReport),
  getPreferredBlockSize: serve('getPreferredBlockSize', fileForms.getPreferredBlockSize),
  setSafeMode: serve('setSafeMode', adminForms.setSafeMode),
  saveNamespace: serve('saveNamespace', adminForms.saveNamespace),
  refreshNodes: serve('refreshNodes', adminForms.refreshNodes),
  finalizeUpgrade: serve('finalizeUpgrade', adminForms.finalizeUpgrade),
  // Null is Java's answer where no upgrade of the whole cluster is under way [client1.upgrade.1].
  distributedUpgradeProgress: answer(ClientProtocol61.distributedUpgradeProgress, () => null),
  metaSave: serve('metaSave', adminForms.metaSave),
  setBalancerBandwidth: serve('setBalancerBandwidth', adminForms.setBalancerBandwidth),
  getFileInfo: serve('getFileInfo', namespaceForms.getFileInfo),
  getContentSummary: serve('getContentSummary', namespaceForms.getContentSummary),
  setQuota: serve('setQuota', namespaceForms.setQuota),
  fsync: serve('fsync', fileForms.fsync),
  setTimes: serve('setTimes', namespaceForms.setTimes),
  getDelegationToken: serve('getDelegationToken', adminForms.getDelegationToken),
  renewDelegationToken: serve('renewDelegationToken', adminForms.renewDelegationToken),
  cancelDelegationToken: serve('cancelDelegationToken', adminForms.cancelDelegationToken),
}

const protocol = { ...clientProtocol1, methods: ClientProtocol61 }

/** ClientProtocol 61. */
export const clientDialect1: ProtocolDialect = {
  protocol: clientProtocol1.name,
  version: clientProtocol1.version,
  // Java's clients make this call first of all.
  greeting: {
    form: ClientProtocol61.getProtocolVersion as MethodForm,
    request: [clientProtocol1.name, clientProtocol1.version],
  },
  clientForm,
  serverForm: serverFormFinder(protocol, serverForms as Readonly<Record<string, ServerForm>>),
}
