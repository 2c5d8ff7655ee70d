import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { quoted } from '../format/printable.ts'

/** `cairn mkdir`. */
export const mkdir = defineCommand({
  name: 'mkdir',
  summary: 'make directories',
  usage: ['[-p] PATH…'],
  operands: 'hdfs',
  flags: { parents: { names: ['-p', '--parents'], help: 'missing parents too; no error where it exists' } },
  examples: [
    ['cairn mkdir /data', 'One directory; its parent must exist.'],
    ['cairn mkdir -p /data/2026/11/{20,21}', 'Directories with their parents (the braces are the shell’s).'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('mkdir needs a PATH')
    for (const operand of operands) {
      try {
        const target = context.target(operand)
        const client = await context.client(target)
        await client.mkdir(target.path, { recursive: flags.parents, signal: context.signal })
        if (context.isJson) context.printJson({ path: target.path, made: true })
      } catch (error) {
        const hint = !flags.parents && (error as NodeJS.ErrnoException).code === 'ENOENT'
        context.fail(`create directory ${quoted(operand)}`, error, operand)
        if (hint) context.note('its parent is missing; -p makes it too')
      }
    }
    return undefined
  },
})
