/** The columns of `hdfs dfs -count`, group by group: org.apache.hadoop.fs.QuotaUsage and ContentSummary. */
import type { ContentSummary, QuotaUsage } from '@cairn/hdfs-client'
import type { Space } from '../files/space-of.ts'
import { sizeText } from './size.ts'
import type { QuotaStorageType } from './storage-types.ts'

const typeWidths = [14, 18] as const

/** Names of columns, each as wide as what stands below it. */
export const countHeaders = {
  quotas: cells(['QUOTA', 'REM_QUOTA', 'SPACE_QUOTA', 'REM_SPACE_QUOTA'], [12, 15, 15, 15]),
  counts: cells(['DIR_COUNT', 'FILE_COUNT', 'CONTENT_SIZE'], [12, 12, 18]),
  policy: cells(['ERASURECODING_POLICY'], [20]),
  snapshots: cells(
    ['SNAPSHOT_LENGTH', 'SNAPSHOT_FILE_COUNT', 'SNAPSHOT_DIR_COUNT', 'SNAPSHOT_SPACE_CONSUMED'],
    [18, 24, 24, 28],
  ),
  types: (types: readonly QuotaStorageType[]): string[] =>
    types.flatMap(({ name }) => cells([`${name}_QUOTA`, `REM_${name}_QUOTA`], typeWidths)),
} as const

/** Limits of names and space, and what is left of them. */
export function quotaColumns(usage: QuotaUsage, names: number, human: boolean): string[] {
  const { quota, spaceQuota, spaceConsumed } = usage
  return cells(
    [...limitCells(quota, names, human), ...limitCells(spaceQuota, spaceConsumed, human)],
    [12, 15, 15, 15],
  )
}

/** Limits of space on each of the storage types, and what is left of them. */
export function typeColumns(usage: QuotaUsage, types: readonly QuotaStorageType[], human: boolean): string[] {
  return types.flatMap(({ number }) => {
    const limit = usage.storageTypeQuotas.find(({ storageType }) => storageType === number)
    return cells(limitCells(limit?.quota ?? -1, limit?.consumed ?? 0, human), typeWidths)
  })
}

/** Directories, files and bytes. */
export function countColumns({ directories, files, bytes }: Space, human: boolean): string[] {
  return cells(
    [directories, files, bytes].map((count) => sizeText(count, human)),
    [12, 12, 18],
  )
}

/** `Replicated`, or `EC:` and the policy's name, which directories without one have not. */
export function policyColumn({ erasureCodingPolicy }: ContentSummary): string[] {
  return cells([erasureCodingPolicy === 'Replicated' ? 'Replicated' : `EC:${erasureCodingPolicy}`], [20])
}

/** What only snapshots hold. */
export function snapshotColumns({ bytes, files, directories, diskBytes }: Space, human: boolean): string[] {
  return cells(
    [bytes, files, directories, diskBytes].map((count) => sizeText(count, human)),
    [18, 24, 24, 28],
  )
}

function limitCells(limit: number, used: number, human: boolean): string[] {
  return limit < 0 ? ['none', 'inf'] : [sizeText(limit, human), sizeText(limit - used, human)]
}

function cells(texts: readonly string[], widths: readonly number[]): string[] {
  return texts.map((text, index) => text.padStart(widths[index]!))
}
