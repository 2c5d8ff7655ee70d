import { defineCommand } from '../command.ts'
import { codeOf, UsageError } from '../errors.ts'
import { findEntry } from '../files/entry.ts'
import { parseTime } from '../format/time.ts'

/** `cairn touch`. */
export const touch = defineCommand({
  name: 'touch',
  summary: 'make empty files and set times',
  usage: ['[-amc] [-t TIME] PATH…'],
  operands: 'hdfs',
  flags: {
    access: { names: ['-a'], help: 'only the time of last access' },
    modified: { names: ['-m'], help: 'only the time of last change' },
    time: { names: ['-t'], value: 'yyyyMMdd:HHmmss', help: 'this time (local, or ISO 8601) instead of now' },
    existing: { names: ['-c'], help: 'make no file' },
  },
  examples: [
    ['cairn touch /data/_SUCCESS', 'Makes an empty file, or sets its times to now.'],
    ['cairn touch -m -t 20261121:120000 /data/a.bin', 'Sets the time of last change.'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('touch needs a PATH')
    const ms = flags.time === undefined ? Date.now() : parseTime(flags.time)
    if (ms === undefined)
      throw new UsageError(`'${flags.time}' is not a time; yyyyMMdd:HHmmss or ISO 8601 is`)
    const time = new Date(ms)
    const both = flags.access === flags.modified
    const { signal } = context
    await context.forEach(operands, 'touch', async (client, target) => {
      const found = await findEntry(client, target)
      if (found === undefined) {
        if (flags.existing) return
        try {
          await (await client.open(target.path, 'wx', { signal })).close()
        } catch (error) {
          // Somebody else made it in between, which is what was wanted.
          if (codeOf(error) !== 'EEXIST') throw error
        }
        if (flags.time === undefined) return
      }
      const atime = both || flags.access ? time : undefined
      const mtime = both || flags.modified ? time : undefined
      await client.utimes(target.path, atime, mtime, { signal })
      if (context.isJson) context.printJson({ path: target.path, time: time.toISOString() })
    })
    return undefined
  },
})
