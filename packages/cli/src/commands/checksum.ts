import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'

/** `cairn checksum`: the columns of `hdfs dfs -checksum`. */
export const checksum = defineCommand({
  name: 'checksum',
  summary: 'show file checksums',
  usage: ['[-v] [--composite] PATH…'],
  operands: 'hdfs',
  flags: {
    verbose: { names: ['-v'], help: 'the block size too' },
    composite: {
      names: ['--composite'],
      help: 'the CRC of the whole content, which does not depend on the block size',
    },
  },
  examples: [
    ['cairn checksum /data/a.bin', 'MD5 of the MD5s of the CRCs, as hdfs dfs -checksum.'],
    ['cairn checksum --composite /data/a.bin hdfs://other:8020/a.bin', 'To compare copies on two clusters.'],
  ],
  notes: ['DataNodes make checksums from the checksums that they keep; the content is not read.'],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('checksum needs a PATH')
    await context.forEach(operands, 'make the checksum of', async (client, target) => {
      const type = flags.composite ? 'COMPOSITE_CRC' : 'MD5CRC'
      const { algorithm, hex } = await client.checksum(target.path, { type, signal: context.signal })
      if (context.isJson) return context.printJson({ path: target.path, algorithm, checksum: hex })
      let line = `${context.nameText(target.shown)}\t${algorithm}\t${hex}`
      if (flags.verbose) line += `\tBlockSize=${(await client.stat(target.path)).blockSize}`
      context.print(`${line}\n`)
    })
    return undefined
  },
})
