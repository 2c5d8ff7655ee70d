import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { lineCount, sizeOperand } from '../files/amount.ts'
import { writeFirstLines } from '../files/lines.ts'
import { writeRange } from '../files/write-range.ts'

/** What `hdfs dfs -head` shows. */
const defaultBytes = 1024

/** `cairn head`. */
export const head = defineCommand({
  name: 'head',
  summary: 'show the beginning of files',
  usage: ['[-n LINES | -c BYTES] PATH…'],
  operands: 'hdfs',
  flags: {
    lines: { names: ['-n'], value: 'LINES', help: 'this many lines' },
    bytes: { names: ['-c'], value: 'BYTES', help: 'this many bytes; K, M, G for larger ones. Default 1K' },
  },
  examples: [
    ['cairn head /logs/app.log', 'The first 1024 bytes, as hdfs dfs -head.'],
    ['cairn head -n 20 /logs/app.log', 'The first 20 lines.'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('head needs a PATH')
    const lines = flags.lines === undefined ? undefined : lineCount(flags.lines)
    const bytes = flags.bytes === undefined ? defaultBytes : sizeOperand(flags.bytes)
    await context.forEach(operands, 'read', async (client, target) => {
      if (lines === undefined) await writeRange(context, client, target, { bytes })
      else await writeFirstLines(context, client, target, lines)
    })
    return undefined
  },
})
