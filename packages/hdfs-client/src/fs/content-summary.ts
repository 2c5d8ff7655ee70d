import { UnsupportedByReleaseError } from '@cairn/hadoop-ipc'
import type {
  ContentSummaryProto,
  QuotaUsageProto,
  StorageTypeProto,
  StorageTypeQuotaInfosProto,
} from '@cairn/hadoop-proto'
import type { CallOptions, NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { throwFileError } from './file-error.ts'

/** Limits of a directory and what they are compared with; lengths in bytes, -1 for "no quota". */
export interface QuotaUsage {
  /** Most names allowed; -1 when there is no quota. */
  readonly quota: number
  /** Bytes used on DataNodes, all copies counted. */
  readonly spaceConsumed: number
  /** Most bytes allowed, all copies counted; -1 when there is no quota. */
  readonly spaceQuota: number
  /** Space by storage type; empty where no type is limited, and from NameNodes that keep no such limits. */
  readonly storageTypeQuotas: readonly StorageTypeQuota[]
}

/** Space on storages of one type. */
export interface StorageTypeQuota {
  /** Number of StorageTypeProto: 1 DISK, 2 SSD, 3 ARCHIVE, 4 RAM_DISK, 5 PROVIDED, 6 NVDIMM. */
  readonly storageType: StorageTypeProto
  /** Most bytes allowed, all copies counted; -1 when there is no quota. */
  readonly quota: number
  /** Bytes that count against it: those that the storage policies want on this type. */
  readonly consumed: number
}

/** What `contentSummary` tells about a path and everything below; snapshots of it are counted in. */
export interface ContentSummary extends QuotaUsage {
  readonly length: number
  readonly fileCount: number
  readonly directoryCount: number
  /** Of `length`, the bytes that only snapshots hold; 0 from NameNodes before Hadoop 2.8, as the three that follow. */
  readonly snapshotLength: number
  readonly snapshotFileCount: number
  readonly snapshotDirectoryCount: number
  readonly snapshotSpaceConsumed: number
  /** Name of the path's own policy; `Replicated` for plain files, empty where the NameNode names none. */
  readonly erasureCodingPolicy: string
}

/** getContentSummary: adds up what is below `path`. */
export async function contentSummary(
  namenode: NamenodeProxy,
  path: string,
  options?: CallOptions,
): Promise<ContentSummary> {
  const { summary } = await namenode
    .call('getContentSummary', { path }, options)
    .catch((error: unknown) => throwFileError(error, 'contentSummary', path))
  return {
    length: Number(summary.length),
    fileCount: Number(summary.fileCount),
    directoryCount: Number(summary.directoryCount),
    ...usageOf(summary),
    snapshotLength: Number(summary.snapshotLength ?? 0n),
    snapshotFileCount: Number(summary.snapshotFileCount ?? 0n),
    snapshotDirectoryCount: Number(summary.snapshotDirectoryCount ?? 0n),
    snapshotSpaceConsumed: Number(summary.snapshotSpaceConsumed ?? 0n),
    erasureCodingPolicy: summary.erasureCodingPolicy ?? '',
  }
}

/** NameNodes before Hadoop 2.8 tell by adding up what later ones keep. */
function unlessUnsupported(error: unknown, syscall: string, path: string): undefined {
  if (!(error instanceof UnsupportedByReleaseError)) throwFileError(error, syscall, path)
}

/** getQuotaUsage: limits and what counts against them; NameNodes know it of directories with a quota without adding up. */
export async function quotaUsage(
  namenode: NamenodeProxy,
  path: string,
  options?: CallOptions,
): Promise<QuotaUsage & { readonly fileAndDirectoryCount: number }> {
  const answer = await namenode
    .call('getQuotaUsage', { path }, options)
    .catch((error: unknown) => unlessUnsupported(error, 'quotaUsage', path))
  if (answer === undefined) {
    const summary = await contentSummary(namenode, path, options)
    const { quota, spaceConsumed, spaceQuota, storageTypeQuotas } = summary
    const fileAndDirectoryCount = summary.fileCount + summary.directoryCount
    return { fileAndDirectoryCount, quota, spaceConsumed, spaceQuota, storageTypeQuotas }
  }
  const { usage } = answer
  return { fileAndDirectoryCount: Number(usage.fileAndDirectoryCount), ...usageOf(usage) }
}

function usageOf(counts: ContentSummaryProto | QuotaUsageProto): QuotaUsage {
  return {
    quota: signed(counts.quota),
    spaceConsumed: Number(counts.spaceConsumed),
    spaceQuota: signed(counts.spaceQuota),
    storageTypeQuotas: typeQuotas(counts.typeQuotaInfos),
  }
}

function typeQuotas(infos: StorageTypeQuotaInfosProto | undefined): StorageTypeQuota[] {
  return (infos?.typeQuotaInfo ?? []).map(({ type, quota, consumed }) => ({
    storageType: type ?? 1,
    quota: signed(quota),
    consumed: Number(consumed),
  }))
}

/** Quotas travel as unsigned numbers and mean signed ones. */
function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value))
}
