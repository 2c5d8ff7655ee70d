import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { type Entry, entryJson, statEntry } from '../files/entry.ts'
import { formatMode, formatOctal } from '../format/mode.ts'
import { formatSize } from '../format/size.ts'
import { formatStat } from '../format/stat-format.ts'
import { formatUtcSecond } from '../format/time.ts'

/** `cairn stat`. */
export const stat = defineCommand({
  name: 'stat',
  summary: 'show what the NameNode knows of a path',
  usage: ['[FORMAT] PATH…', '-c FORMAT PATH…'],
  operands: 'hdfs',
  flags: { format: { names: ['-c', '--format'], value: 'FORMAT', help: 'print this for each path' } },
  examples: [
    ['cairn stat /data/a.bin', 'Everything, in a few lines.'],
    ["cairn stat '%n %b bytes, changed %y' /data/a.bin", 'In a format; as in hdfs dfs it may come first.'],
    ['cairn stat --json /data', 'As JSON.'],
  ],
  notes: [
    'FORMAT: %a mode in octal, %A mode as rwxr-xr-x, %b bytes, %F type, %g group, %n name, %o block size, %r replicas, %u owner, %x and %X last access, %y and %Y last change (capital: milliseconds since 1970; times are UTC), %% a percent sign.',
  ],
  async run(context, { flags, operands }) {
    const first = operands[0]
    const isFormat = flags.format === undefined && first !== undefined && first.includes('%')
    const format = isFormat ? first : flags.format
    const paths = isFormat ? operands.slice(1) : operands
    if (paths.length === 0) throw new UsageError('stat needs a PATH')
    await context.forEach(paths, 'stat', async (client, target) => {
      const entry = await statEntry(client, target)
      if (context.isJson) context.printJson(entryJson(entry))
      else if (format !== undefined) context.print(`${formatStat(format, entry)}\n`)
      else context.print(block(context, entry))
    })
    return undefined
  },
})

function block(context: Context, entry: Entry): string {
  const type = { file: 'file', directory: 'directory', symlink: 'symbolic link' }[entry.kind]
  const size = entry.size < 1024 ? `${entry.size} bytes` : `${entry.size} bytes (${formatSize(entry.size)})`
  let text = `  Path: ${context.nameText(entry.target.shown)}\n  Type: ${type}\n`
  if (entry.kind === 'file') {
    text += `  Size: ${size}\nBlocks: ${formatSize(entry.blockSize)} each, ${entry.replication} replicas\n`
  }
  text += `  Mode: ${formatOctal(entry.mode)} (${formatMode(entry.mode)}${entry.hasAcl ? '+' : ''})\n`
  text += ` Owner: ${entry.owner}:${entry.group}\nModify: ${formatUtcSecond(entry.mtimeMs)} UTC\n`
  if (entry.kind === 'file') text += `Access: ${formatUtcSecond(entry.atimeMs)} UTC\n`
  if (entry.erasureCodingPolicy !== '') text += `Policy: ${entry.erasureCodingPolicy}\n`
  return text
}
