import { setTimeout as delay } from 'node:timers/promises'
import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { CommandError, UsageError } from '../errors.ts'
import { lineCount, sizeOperand } from '../files/amount.ts'
import { startOfLastLines } from '../files/lines.ts'
import { writeRange } from '../files/write-range.ts'
import type { Target } from '../paths/target.ts'

/** What `hdfs dfs -tail` shows. */
const defaultBytes = 1024
/** How often `-f` looks for more, in milliseconds; Java looks every five seconds. */
const defaultSleepMs = 1_000

/** `cairn tail`. */
export const tail = defineCommand({
  name: 'tail',
  summary: 'show the end of files',
  usage: ['[-f] [-s MILLISECONDS] [-n LINES | -c BYTES] PATH…'],
  operands: 'hdfs',
  flags: {
    follow: { names: ['-f'], help: 'go on with what is appended, until Ctrl-C' },
    sleep: { names: ['-s'], value: 'MILLISECONDS', help: 'how often -f looks. Default 1000' },
    lines: { names: ['-n'], value: 'LINES', help: 'this many lines' },
    bytes: { names: ['-c'], value: 'BYTES', help: 'this many bytes; K, M, G for larger ones. Default 1K' },
  },
  examples: [
    ['cairn tail -n 50 /logs/app.log', 'The last 50 lines.'],
    ['cairn tail -f /logs/app.log', 'The last 1024 bytes and whatever a writer makes visible later.'],
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('tail needs a PATH')
    if (flags.follow && operands.length > 1) throw new UsageError('tail -f follows one PATH')
    const lines = flags.lines === undefined ? undefined : lineCount(flags.lines)
    const bytes = flags.bytes === undefined ? defaultBytes : sizeOperand(flags.bytes)
    const sleepMs = flags.sleep === undefined ? defaultSleepMs : sizeOperand(flags.sleep)
    await context.forEach(operands, 'read', async (client, target) => {
      const start = lines === undefined ? -bytes : await lastLines(context, client, target, lines)
      const end = bytes === 0 && lines === undefined ? await sizeOf(context, client, target) : undefined
      let position = end ?? (await writeRange(context, client, target, { start }))
      while (flags.follow) {
        await delay(sleepMs, undefined, { signal: context.signal })
        position = await more(context, client, target, position)
      }
    })
    return undefined
  },
})

async function sizeOf(context: Context, client: HdfsClient, target: Target): Promise<number> {
  const handle = await client.open(target.path, 'r', { signal: context.signal })
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function lastLines(
  context: Context,
  client: HdfsClient,
  target: Target,
  lines: number,
): Promise<number> {
  const handle = await client.open(target.path, 'r', { signal: context.signal })
  try {
    const read = async (buffer: Uint8Array, position: number) =>
      (await handle.read(buffer, 0, buffer.length, position)).bytesRead
    return await startOfLastLines(read, (await handle.stat()).size, lines)
  } finally {
    await handle.close()
  }
}

/** What has come since `position`; a file that has become shorter is told of. */
async function more(context: Context, client: HdfsClient, target: Target, position: number): Promise<number> {
  const size = await sizeOf(context, client, target)
  if (size < position) {
    throw new CommandError(`the file was cut from ${position} to ${size} bytes while it was followed`, {
      code: 'ERR_CLI_TRUNCATED',
    })
  }
  if (size === position) return position
  return await writeRange(context, client, target, { start: position })
}
