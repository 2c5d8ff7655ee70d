import { open, stat } from 'node:fs/promises'
import type { FileHandle } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import { Progress } from '../copy/progress.ts'
import { pump } from '../copy/pump.ts'
import { untilAborted } from '../copy/until-aborted.ts'
import { UsageError } from '../errors.ts'
import { quoted } from '../format/printable.ts'
import { localPath } from './put.ts'

/** `cairn append`. */
export const append = defineCommand({
  name: 'append',
  summary: 'append local files to a file',
  usage: ['[-n] LOCAL… TARGET', '[-n] - TARGET'],
  cleansUp: true,
  operands: 'local-then-hdfs',
  flags: {
    newBlock: { names: ['-n'], help: 'begin a new block, also where the last one is not full' },
  },
  examples: [
    ['cairn append today.log /logs/all.log', 'The file is made where it does not exist.'],
    ['journalctl -f | cairn append - /logs/journal', 'What a pipe brings.'],
  ],
  notes: ['What was appended before a failure stays, as with any append.'],
  async run(context, { flags, operands }) {
    if (operands.length < 2) throw new UsageError('append needs a LOCAL file and a TARGET')
    const { signal } = context
    const target = context.target(operands.at(-1)!)
    const client = await context.client(target)
    const sources = operands
      .slice(0, -1)
      .map((source) => (source === '-' ? source : localPath(source, context.io.cwd)))
    const progress = new Progress(context.isQuiet || context.isJson ? undefined : context.io.stderr)
    let bytes = 0
    const onBytes = (count: number) => {
      bytes += count
      progress.add(count)
    }
    // Before the target is opened, which makes it: a missing source must not leave an empty file.
    for (const source of sources) {
      try {
        if (source !== '-') await stat(source)
      } catch (error) {
        context.fail(`read ${quoted(source)}`, error, source)
        return undefined
      }
    }
    const handle = await client.open(target.path, 'a', { signal, newBlock: flags.newBlock })
    try {
      for (const source of sources) {
        progress.plan(undefined)
        progress.begin(source)
        if (source === '-') await appendStream(context.io.stdin(), handle, onBytes, signal)
        else await appendFile(source, handle, onBytes, signal)
        progress.done()
      }
    } catch (error) {
      progress.end(false)
      context.fail(`append to ${quoted(target.shown)}`, error, target.path)
    } finally {
      await handle.close()
    }
    progress.end(true)
    if (context.isJson && !context.hasFailed) context.printJson({ path: target.path, bytes })
    return undefined
  },
})

async function appendFile(
  path: string,
  handle: FileHandle,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const local = await open(path, 'r')
  try {
    const read = async (buffer: Uint8Array) => (await local.read(buffer, 0, buffer.length, null)).bytesRead
    await pump(read, (part) => handle.write(part), { onBytes, signal })
  } finally {
    await local.close()
  }
}

async function appendStream(
  source: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const part of untilAborted(source, signal)) {
    await handle.write(part)
    onBytes(part.length)
  }
}
