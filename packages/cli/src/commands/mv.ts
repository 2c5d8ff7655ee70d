import { defineCommand } from '../command.ts'
import { CommandError, UsageError } from '../errors.ts'
import { quoted } from '../format/printable.ts'
import { openDestination, placeIn } from '../paths/destination.ts'
import { expandTarget } from '../paths/expand.ts'
import { baseName, type Target } from '../paths/target.ts'

/** `cairn mv`. */
export const mv = defineCommand({
  name: 'mv',
  summary: 'move or rename',
  usage: ['[-f] SOURCE TARGET', '[-f] SOURCE… DIRECTORY'],
  operands: 'hdfs',
  flags: { force: { names: ['-f'], help: 'replace a file that is there' } },
  examples: [
    ['cairn mv /data/new.tmp /data/new', 'One step on the NameNode, whatever the size.'],
    ["cairn mv '/inbox/*.csv' /done/", 'Everything that matches, into a directory.'],
  ],
  notes: ['Within one cluster; between clusters use cp, then rm.'],
  async run(context, { flags, operands }) {
    if (operands.length < 2) throw new UsageError('mv needs a SOURCE and a TARGET')
    const { signal } = context
    const to = context.target(operands.at(-1)!)
    const client = await context.client(to)
    const sources: Target[] = []
    for (const operand of operands.slice(0, -1)) {
      const source = context.target(operand)
      if ((await context.fileSystem(source)) !== (await context.fileSystem(to))) {
        throw new CommandError(`'${operand}' and '${to.shown}' are on different clusters`, {
          hint: 'cairn cp copies between clusters',
        })
      }
      const found = await expandTarget(client, source)
      if (found.length === 0)
        context.fail(
          `move ${quoted(operand)}`,
          new CommandError('No such file or directory', { code: 'ENOENT' }),
          operand,
        )
      sources.push(...found)
    }
    const destination = await openDestination(client, to, sources.length > 1)
    for (const source of sources) {
      const place = placeIn(destination, baseName(source.path))
      try {
        await client.rename(source.path, place.path, { overwrite: flags.force, signal })
        if (context.isJson) context.printJson({ path: source.path, movedTo: place.path })
      } catch (error) {
        context.fail(`move ${quoted(source.shown)} to ${quoted(place.shown)}`, error, source.path)
      }
    }
    return undefined
  },
})
