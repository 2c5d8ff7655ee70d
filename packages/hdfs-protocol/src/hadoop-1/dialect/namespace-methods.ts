// Names, their metadata and quotas.
import type {
  ConcatRequestProto,
  ContentSummaryProto,
  DeleteRequestProto,
  GetContentSummaryRequestProto,
  GetContentSummaryResponseProto,
  GetFileInfoRequestProto,
  GetFileInfoResponseProto,
  GetListingRequestProto,
  GetListingResponseProto,
  GetQuotaUsageRequestProto,
  GetQuotaUsageResponseProto,
  MkdirsRequestProto,
  RenameRequestProto,
  SetOwnerRequestProto,
  SetPermissionRequestProto,
  SetQuotaRequestProto,
  SetReplicationRequestProto,
  SetTimesRequestProto,
} from '@cairn/hadoop-proto'
import { ClientProtocol61 } from '../client-protocol.ts'
import type { ContentSummary1 } from '../writables.ts'
import { form, nothing, truth } from './form.ts'
import {
  bytes1Of,
  bytesOf,
  fileStatus1Of,
  fileStatusOf,
  permission1Of,
  permissionOf,
  present,
  signed,
  text,
  toShort,
  unsigned,
} from './values.ts'

const summaryOf = (summary: ContentSummary1): ContentSummaryProto => ({
  length: unsigned(summary.length),
  fileCount: unsigned(summary.fileCount),
  directoryCount: unsigned(summary.directoryCount),
  quota: unsigned(summary.quota),
  spaceConsumed: unsigned(summary.spaceConsumed),
  spaceQuota: unsigned(summary.spaceQuota),
})

const summary1Of = (summary: ContentSummaryProto): ContentSummary1 => ({
  length: signed(summary.length),
  fileCount: signed(summary.fileCount),
  directoryCount: signed(summary.directoryCount),
  quota: signed(summary.quota),
  spaceConsumed: signed(summary.spaceConsumed),
  spaceQuota: signed(summary.spaceQuota),
})

const fileInfo = {
  parameters: ({ src }: GetFileInfoRequestProto) => [src] as const,
  request: ([src]: readonly [string | null]) => ({ src: text(src) }),
  result: ({ fs }: GetFileInfoResponseProto) => (fs === undefined ? null : fileStatus1Of(fs)),
  response: (status: Parameters<typeof fileStatusOf>[0] | null) => ({
    fs: status === null ? undefined : fileStatusOf(status),
  }),
} as const

/** Names, by today's names; a second form of a method has a name of its own. */
export const namespaceForms = {
  getFileInfo: form(ClientProtocol61.getFileInfo, fileInfo),
  /** There are no symbolic links to stop at [client1.link.1]. */
  getFileLinkInfo: form(ClientProtocol61.getFileInfo, fileInfo),

  getListing: form(ClientProtocol61.getListing, {
    parameters: ({ src, startAfter }: GetListingRequestProto) => [src, bytes1Of(startAfter)],
    request: ([src, startAfter]) => ({
      src: text(src),
      startAfter: bytesOf(startAfter),
      needLocation: false,
    }),
    result: ({ dirList }: GetListingResponseProto) =>
      dirList === undefined
        ? null
        : {
            partialListing: dirList.partialListing.map(fileStatus1Of),
            remainingEntries: dirList.remainingEntries | 0,
          },
    response: (listing) => ({
      dirList:
        listing === null
          ? undefined
          : {
              partialListing: listing.partialListing.map(fileStatusOf),
              remainingEntries: listing.remainingEntries >>> 0,
            },
    }),
  }),

  /** Makes missing parents, always [client1.mkdirs.1]. */
  mkdirs: form(ClientProtocol61.mkdirs, {
    parameters: ({ src, masked }: MkdirsRequestProto) => [src, permission1Of(masked)],
    request: ([src, permission]) => ({
      src: text(src),
      masked: permissionOf(permission),
      createParent: true,
    }),
    ...truth,
  }),

  rename: form(ClientProtocol61.rename, {
    parameters: ({ src, dst }: RenameRequestProto) => [src, dst],
    request: ([src, dst]) => ({ src: text(src), dst: text(dst) }),
    ...truth,
  }),

  concat: form(ClientProtocol61.concat, {
    parameters: ({ trg, srcs }: ConcatRequestProto) => [trg, srcs],
    request: ([trg, srcs]) => ({ trg: text(trg), srcs: (srcs ?? []).map(text) }),
    ...nothing,
  }),

  delete: form(ClientProtocol61.delete, {
    parameters: ({ src, recursive }: DeleteRequestProto) => [src, recursive],
    request: ([src, recursive]) => ({ src: text(src), recursive }),
    ...truth,
  }),

  deleteTree: form(ClientProtocol61.deleteTree, {
    parameters: ({ src }: DeleteRequestProto) => [src],
    request: ([src]) => ({ src: text(src), recursive: true }),
    ...truth,
  }),

  setReplication: form(ClientProtocol61.setReplication, {
    parameters: ({ src, replication }: SetReplicationRequestProto) => [src, toShort(replication)],
    request: ([src, replication]) => ({ src: text(src), replication: replication & 0xffff }),
    ...truth,
  }),

  setPermission: form(ClientProtocol61.setPermission, {
    parameters: ({ src, permission }: SetPermissionRequestProto) => [src, permission1Of(permission)],
    request: ([src, permission]) => ({ src: text(src), permission: permissionOf(permission) }),
    ...nothing,
  }),

  setOwner: form(ClientProtocol61.setOwner, {
    parameters: ({ src, username, groupname }: SetOwnerRequestProto) => [
      src,
      username ?? null,
      groupname ?? null,
    ],
    request: ([src, username, groupname]) => ({
      src: text(src),
      username: username ?? undefined,
      groupname: groupname ?? undefined,
    }),
    ...nothing,
  }),

  setTimes: form(ClientProtocol61.setTimes, {
    parameters: ({ src, mtime, atime }: SetTimesRequestProto) => [src, signed(mtime), signed(atime)],
    request: ([src, mtime, atime]) => ({ src: text(src), mtime: unsigned(mtime), atime: unsigned(atime) }),
    ...nothing,
  }),

  setQuota: form(ClientProtocol61.setQuota, {
    parameters: ({ path, namespaceQuota, storagespaceQuota }: SetQuotaRequestProto) => [
      path,
      signed(namespaceQuota),
      signed(storagespaceQuota),
    ],
    request: ([path, namespaceQuota, storagespaceQuota]) => ({
      path: text(path),
      namespaceQuota: unsigned(namespaceQuota),
      storagespaceQuota: unsigned(storagespaceQuota),
    }),
    ...nothing,
  }),

  getContentSummary: form(ClientProtocol61.getContentSummary, {
    parameters: ({ path }: GetContentSummaryRequestProto) => [path],
    request: ([path]) => ({ path: text(path) }),
    result: ({ summary }: GetContentSummaryResponseProto) => summary1Of(summary),
    response: (summary) => ({ summary: summaryOf(present(summary, 'a ContentSummary')) }),
  }),

  /** Added up where later releases keep count [client1.quota.1]. */
  getQuotaUsage: form(ClientProtocol61.getContentSummary, {
    parameters: ({ path }: GetQuotaUsageRequestProto) => [path],
    request: ([path]) => ({ path: text(path) }),
    result: ({ usage }: GetQuotaUsageResponseProto) => ({
      length: 0n,
      fileCount: signed(usage.fileAndDirectoryCount),
      directoryCount: 0n,
      quota: signed(usage.quota),
      spaceConsumed: signed(usage.spaceConsumed),
      spaceQuota: signed(usage.spaceQuota),
    }),
    response: (result) => {
      const summary = summaryOf(present(result, 'a ContentSummary'))
      const { quota, spaceConsumed, spaceQuota } = summary
      const fileAndDirectoryCount = summary.fileCount + summary.directoryCount
      return { usage: { fileAndDirectoryCount, quota, spaceConsumed, spaceQuota } }
    },
  }),
} as const
