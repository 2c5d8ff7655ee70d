import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { writeRange } from '../files/write-range.ts'

/** `cairn cat`: files, one after another, to standard output. */
export const cat = defineCommand({
  name: 'cat',
  summary: 'write files to standard output',
  usage: ['[-ignoreCrc] PATH…'],
  operands: 'hdfs',
  flags: { ignoreCrc: { names: ['-ignoreCrc'], help: 'do not compare what is read with its checksums' } },
  examples: [
    ["cairn cat '/logs/app-*.log' | grep ERROR", 'Several files as one stream.'],
    ['cairn cat hdfs://nn:8020/data/a.gz | gunzip', 'A file of any cluster.'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('cat needs a PATH')
    if (flags.ignoreCrc) context.ignoreChecksums()
    await context.forEach(operands, 'read', async (client, target) => {
      await writeRange(context, client, target)
    })
    return undefined
  },
})
