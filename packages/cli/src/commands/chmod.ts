import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { forTree } from '../files/for-tree.ts'
import { formatOctal, parseMode } from '../format/mode.ts'

/** `cairn chmod`. */
export const chmod = defineCommand({
  name: 'chmod',
  summary: 'change permissions',
  usage: ['[-R] MODE PATH…'],
  operands: 'hdfs',
  flags: { recursive: { names: ['-R'], help: 'everything below, too' } },
  rules: { operand: /^-[rwxXst]+(?:,|$)/ },
  examples: [
    ['cairn chmod 640 /data/a.bin', 'Octal.'],
    ['cairn chmod -R u=rwX,g=rX,o= /data', 'Symbols; X is x for directories and for what somebody may run.'],
    ['cairn chmod +t /tmp', 'The sticky bit: only owners remove what is in it.'],
  ],
  async run(context, { flags, operands }) {
    const [mode, ...paths] = operands
    if (mode === undefined || paths.length === 0) throw new UsageError('chmod needs a MODE and a PATH')
    const change = parseMode(mode)
    await forTree(context, paths, flags.recursive, 'change permissions of', async (client, entry) => {
      const wanted = change(entry.mode, entry.kind === 'directory')
      if (wanted === entry.mode) return
      await client.chmod(entry.target.path, wanted, { signal: context.signal })
      if (context.isJson) context.printJson({ path: entry.target.path, mode: formatOctal(wanted) })
    })
    return undefined
  },
})
