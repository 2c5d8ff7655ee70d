import type { ContentSummary, HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { heldBySnapshots, spaceIn } from '../files/space-of.ts'
import {
  countColumns,
  countHeaders,
  policyColumn,
  quotaColumns,
  snapshotColumns,
  typeColumns,
} from '../format/count-columns.ts'
import {
  parseStorageTypes,
  type QuotaStorageType,
  storageTypeList,
  storageTypeName,
} from '../format/storage-types.ts'

/** Which columns are wanted. */
interface Columns {
  readonly quotas: boolean
  readonly counts: boolean
  readonly types: readonly QuotaStorageType[] | undefined
  readonly policy: boolean
  readonly snapshots: boolean
  readonly human: boolean
  readonly exclude: boolean
}

/** `cairn count`: the columns of `hdfs dfs -count`. */
export const count = defineCommand({
  name: 'count',
  summary: 'count directories, files and bytes',
  usage: ['[-quhvxes] [-t [TYPES]] PATH…'],
  operands: 'hdfs',
  flags: {
    quota: { names: ['-q'], help: 'quotas and what is left of them, before the counts' },
    quotaOnly: { names: ['-u'], help: 'quotas and what is left of them, only' },
    types: {
      names: ['-t'],
      value: '[TYPES]',
      optional: { following: storageTypeList },
      help: 'with -q or -u: quotas of storage types, such as ssd,disk, only. Default: all types',
    },
    human: { names: ['-h'], help: 'sizes for people' },
    header: { names: ['-v'], help: 'a line above that names the columns' },
    exclude: { names: ['-x'], help: 'leave out what only snapshots hold; not with -q and -u' },
    policy: { names: ['-e'], help: 'the erasure coding policy, too' },
    snapshots: { names: ['-s'], help: 'what only snapshots hold, too' },
  },
  examples: [
    ['cairn count -v /data', 'Directories, files and bytes under /data.'],
    ["cairn count -q -h '/user/*'", 'Quotas of every home directory.'],
    ['cairn count -q -v -t ssd,disk /data', 'Quotas of two storage types.'],
    ['cairn count -v -e -s /data', 'With erasure coding policy and snapshots.'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('count needs a PATH')
    const withQuota = flags.quota || flags.quotaOnly
    const types = withQuota && flags.types !== undefined ? parseStorageTypes(flags.types) : undefined
    const { policy, snapshots, human } = flags
    const exclude = flags.exclude && !withQuota
    if (flags.exclude && !exclude) context.note('-x is without effect beside -q and -u')
    const quotas = withQuota && types === undefined
    const counts = !flags.quotaOnly && types === undefined
    const columns: Columns = { quotas, counts, types, policy, snapshots, human, exclude }
    if (flags.header && !context.isJson) context.print(`${[...headers(columns), 'PATHNAME'].join(' ')}\n`)
    await context.forEach(operands, 'access', async (client, target) => {
      const { path } = target
      if (context.isJson) {
        const summary = await client.contentSummary(path, { signal: context.signal })
        return context.printJson({ path, ...summaryJson(summary, exclude) })
      }
      const row = await cellsOf(client, path, columns, context.signal)
      context.print(`${[...row, context.nameText(target.shown)].join(' ')}\n`)
    })
    return undefined
  },
})

function headers({ quotas, counts, types, policy, snapshots }: Columns): string[] {
  return [
    ...(quotas ? countHeaders.quotas : []),
    ...(counts ? countHeaders.counts : []),
    ...(types === undefined ? [] : countHeaders.types(types)),
    ...(policy ? countHeaders.policy : []),
    ...(snapshots ? countHeaders.snapshots : []),
  ]
}

async function cellsOf(
  client: HdfsClient,
  path: string,
  columns: Columns,
  signal: AbortSignal,
): Promise<string[]> {
  const { human, types } = columns
  const row: string[] = []
  if (!columns.counts) {
    // The NameNode keeps this at hand; counts would have it walk through everything below.
    const usage = await client.quotaUsage(path, { signal })
    if (columns.quotas) row.push(...quotaColumns(usage, usage.fileAndDirectoryCount, human))
    if (types !== undefined) row.push(...typeColumns(usage, types, human))
    if (!columns.policy && !columns.snapshots) return row
  }
  const summary = await client.contentSummary(path, { signal })
  if (columns.counts) {
    const names = summary.directoryCount + summary.fileCount
    if (columns.quotas) row.push(...quotaColumns(summary, names, human))
    row.push(...countColumns(spaceIn(summary, columns.exclude), human))
  }
  if (columns.policy) row.push(...policyColumn(summary))
  if (columns.snapshots) row.push(...snapshotColumns(heldBySnapshots(summary), human))
  return row
}

function summaryJson(summary: ContentSummary, exclude: boolean): Record<string, unknown> {
  const limit = (quota: number) => (quota < 0 ? null : quota)
  return {
    ...spaceIn(summary, exclude),
    quota: limit(summary.quota),
    spaceQuota: limit(summary.spaceQuota),
    storageTypeQuotas: summary.storageTypeQuotas
      .filter(({ quota }) => quota >= 0)
      .map(({ storageType, quota, consumed }) => ({ type: storageTypeName(storageType), quota, consumed })),
    erasureCodingPolicy: summary.erasureCodingPolicy,
    snapshots: heldBySnapshots(summary),
  }
}
