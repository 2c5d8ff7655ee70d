import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { spaceOf } from '../files/space-of.ts'
import { sizeText } from '../format/size.ts'

/** `cairn count`: the columns of `hdfs dfs -count`. */
export const count = defineCommand({
  name: 'count',
  summary: 'count directories, files and bytes',
  usage: ['[-quhvx] PATH…'],
  operands: 'hdfs',
  flags: {
    quota: { names: ['-q'], help: 'quotas and what is left of them, before the counts' },
    quotaOnly: { names: ['-u'], help: 'quotas and what is left of them, only' },
    human: { names: ['-h'], help: 'sizes for people' },
    header: { names: ['-v'], help: 'a line above that names the columns' },
    exclude: { names: ['-x'], help: 'leave out what only snapshots hold' },
  },
  examples: [
    ['cairn count -v /data', 'Directories, files and bytes under /data.'],
    ["cairn count -q -h '/user/*'", 'Quotas of every home directory.'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('count needs a PATH')
    const withQuota = flags.quota || flags.quotaOnly
    const withCounts = !flags.quotaOnly
    const row = (quotas: readonly string[], counts: readonly string[], path: string) => {
      const widths = [12, 15, 15, 15]
      const left = withQuota ? quotas.map((cell, i) => cell.padStart(widths[i]!)) : []
      const right = withCounts ? counts.map((cell, i) => cell.padStart([12, 12, 18][i]!)) : []
      context.print(`${[...left, ...right, path].join(' ')}\n`)
    }
    if (flags.header && !context.isJson) {
      const quotas = ['QUOTA', 'REM_QUOTA', 'SPACE_QUOTA', 'REM_SPACE_QUOTA']
      row(quotas, ['DIR_COUNT', 'FILE_COUNT', 'CONTENT_SIZE'], 'PATHNAME')
    }
    await context.forEach(operands, 'access', async (client, target) => {
      const space = await spaceOf(client, target.path, flags.exclude, context.signal)
      if (context.isJson) {
        const { quota = null, spaceQuota = null, ...rest } = space
        return context.printJson({ path: target.path, ...rest, quota, spaceQuota })
      }
      const quotas = [
        ...quotaCells(space.quota, space.directories + space.files, String),
        ...quotaCells(space.spaceQuota, space.diskBytes, (n) => sizeText(n, flags.human)),
      ]
      const counts = [String(space.directories), String(space.files), sizeText(space.bytes, flags.human)]
      row(quotas, counts, context.nameText(target.shown))
    })
    return undefined
  },
})

function quotaCells(quota: number | undefined, used: number, text: (n: number) => string): string[] {
  return quota === undefined ? ['none', 'inf'] : [text(quota), text(quota - used)]
}
