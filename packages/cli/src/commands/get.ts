import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import type { CopyOptions } from '../copy/copy-plan.ts'
import { type DownloadStep, downloadFile, makeLocalDirectory, planDownload } from '../copy/download.ts'
import { preserveLocally } from '../copy/preserve.ts'
import { copyFlags, runCopies, threadCount } from '../copy/run-copies.ts'
import { CommandError, codeOf, UsageError } from '../errors.ts'
import type { Entry } from '../files/entry.ts'
import { writeRange } from '../files/write-range.ts'
import { quoted } from '../format/printable.ts'
import { baseName, type Target } from '../paths/target.ts'
import { localPath } from './put.ts'

interface Source {
  readonly client: HdfsClient
  readonly target: Target
}

/** `cairn get`. */
export const get = defineCommand({
  name: 'get',
  summary: 'copy files from HDFS',
  usage: ['[-fpd] [-crc] [-ignoreCrc] [-t N] PATH… [LOCAL]', 'PATH -'],
  cleansUp: true,
  operands: 'hdfs-then-local',
  flags: {
    ...copyFlags,
    crc: { names: ['-crc'], help: 'write Hadoop’s .NAME.crc beside each file' },
    ignoreCrc: { names: ['-ignoreCrc'], help: 'do not compare what is read with its checksums' },
  },
  examples: [
    ['cairn get /data/a.bin', 'Into the current directory.'],
    ["cairn get -p '/logs/2026-11-*' logs/", 'Trees, with times and modes.'],
    ['cairn get /data/a.tar - | tar x', 'To standard output.'],
  ],
  notes: [
    'A file is written as LOCAL._COPYING_ and gets its name when all of it is there; a get that fails or is interrupted leaves nothing behind.',
  ],
  async run(context, { flags, operands }) {
    if (operands.length === 0) throw new UsageError('get needs a PATH')
    const to = operands.length > 1 ? operands.at(-1)! : '.'
    const paths = operands.length > 1 ? operands.slice(0, -1) : operands
    const threads = threadCount(flags.threads)
    if (flags.ignoreCrc) context.ignoreChecksums()
    const sources: Source[] = []
    for await (const source of context.targets(paths, 'access')) sources.push(source)
    if (to === '-') {
      for (const { client, target } of sources) {
        try {
          await writeRange(context, client, target)
        } catch (error) {
          context.fail(`read ${quoted(target.shown)}`, error, target.path)
        }
      }
      return undefined
    }
    const { force, preserve, direct, crc } = flags
    const options: CopyOptions = {
      overwrite: force,
      preserve,
      direct,
      writesCrc: crc,
      signal: context.signal,
    }
    await getFiles(context, sources, localPath(to, context.io.cwd), to.endsWith('/'), options, threads)
    return undefined
  },
})

async function getFiles(
  context: Context,
  sources: readonly Source[],
  to: string,
  mustBeDirectory: boolean,
  options: CopyOptions,
  threads: number,
): Promise<void> {
  const isDirectory = await isLocalDirectory(to)
  if (!isDirectory && (sources.length > 1 || mustBeDirectory)) {
    throw new CommandError(`'${to}' is not a directory`, { path: to, hint: 'mkdir makes it' })
  }
  const clientOf = new Map<Entry, HdfsClient>()
  async function* steps(): AsyncGenerator<DownloadStep> {
    for (const { client, target } of sources) {
      const path = isDirectory ? join(to, baseName(target.path)) : to
      try {
        for await (const step of planDownload(client, target, path)) {
          clientOf.set(step.source, client)
          yield step
        }
      } catch (error) {
        context.fail(`access ${quoted(target.shown)}`, error, target.path)
      }
    }
  }
  await runCopies<Entry, string, Entry>(context, {
    steps: steps(),
    threads,
    what: (source, target) => `get ${quoted(source.target.shown)} to ${quoted(target)}`,
    label: (source) => source.target.shown,
    makeDirectory: ({ target }) => makeLocalDirectory(target),
    copyFile: (step, onBytes) => downloadFile(clientOf.get(step.source)!, step, { ...options, onBytes }),
    finishDirectory: async ({ target, stats }) => {
      if (options.preserve) await preserveLocally(target, stats)
    },
    json: ({ source, target }, bytes) => ({ path: source.target.path, target, bytes }),
  })
}

async function isLocalDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}
