import type { Stats } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import type { CopyOptions } from '../copy/copy-plan.ts'
import { preserveOnHdfs } from '../copy/preserve.ts'
import { Progress } from '../copy/progress.ts'
import { copyFlags, runCopies, threadCount } from '../copy/run-copies.ts'
import { planUpload, type UploadStep, uploadFile, uploadStream } from '../copy/upload.ts'
import { UsageError } from '../errors.ts'
import { sizeOperand } from '../files/amount.ts'
import { quoted } from '../format/printable.ts'
import { type Destination, openDestination, placeIn } from '../paths/destination.ts'
import type { Target } from '../paths/target.ts'

/** `cairn put`. */
export const put = defineCommand({
  name: 'put',
  summary: 'copy local files to HDFS',
  usage: ['[-fpld] [-t N] LOCAL… TARGET', '[-fld] - TARGET'],
  cleansUp: true,
  operands: 'local-then-hdfs',
  flags: {
    ...copyFlags,
    lazyPersist: {
      names: ['-l'],
      help: 'let DataNodes write to disk later; one replica where --replication asks for no more',
    },
    replication: { names: ['--replication'], value: 'N', help: 'replicas. Default: the cluster’s' },
    blockSize: { names: ['--block-size'], value: 'BYTES', help: 'bytes of a block. Default: the cluster’s' },
  },
  examples: [
    ['cairn put notes.txt /tmp/', 'Into a directory.'],
    ['cairn put -t 16 photos hdfs://nn:8020/backup', 'A tree, sixteen files at once.'],
    ['tar c src | cairn put - /backup/src.tar', 'What a pipe brings.'],
  ],
  notes: [
    'A file is written as TARGET._COPYING_ and gets its name when all of it is there; a put that fails or is interrupted leaves nothing behind.',
    'A file that Hadoop left checksums beside (.NAME.crc) is compared with them; in a tree these are not copied.',
  ],
  async run(context, { flags, operands }) {
    const sources = operands.length > 1 ? operands.slice(0, -1) : operands
    if (sources.length === 0) throw new UsageError('put needs a LOCAL file and a TARGET')
    if (sources.includes('-') && (sources.length > 1 || operands.length < 2)) {
      throw new UsageError("'-' needs a TARGET file and stands alone")
    }
    const threads = threadCount(flags.threads)
    const target = context.target(operands.length > 1 ? operands.at(-1)! : '.')
    const client = await context.client(target)
    const options: CopyOptions = {
      overwrite: flags.force,
      preserve: flags.preserve,
      direct: flags.direct,
      signal: context.signal,
      lazyPersist: flags.lazyPersist,
      replication: flags.replication === undefined ? undefined : sizeOperand(flags.replication),
      blockSize: flags.blockSize === undefined ? undefined : sizeOperand(flags.blockSize),
    }
    const destination = await openDestination(client, target, sources.length > 1)
    if (sources[0] === '-') await putStandardInput(context, client, destination, options)
    else await putFiles(context, client, sources, destination, options, threads)
    return undefined
  },
})

async function putFiles(
  context: Context,
  client: HdfsClient,
  sources: readonly string[],
  destination: Destination,
  options: CopyOptions,
  threads: number,
): Promise<void> {
  const { signal } = context
  async function* steps(): AsyncGenerator<UploadStep> {
    for (const source of sources) {
      const path = localPath(source, context.io.cwd)
      yield* planUpload(path, placeIn(destination, basename(path)))
    }
  }
  await runCopies<string, Target, Stats>(context, {
    steps: steps(),
    threads,
    what: (source, target) => `put ${quoted(source)} to ${quoted(target.shown)}`,
    label: (source) => source,
    makeDirectory: async ({ target }) => void (await client.mkdir(target.path, { recursive: true, signal })),
    copyFile: (step, onBytes) => uploadFile(client, step, { ...options, onBytes }),
    finishDirectory: async ({ target, stats }) => {
      if (options.preserve) await preserveOnHdfs(client, target.path, stats, { signal })
    },
    json: ({ source, target }, bytes) => ({ source, path: target.path, bytes }),
  })
}

async function putStandardInput(
  context: Context,
  client: HdfsClient,
  destination: Destination,
  options: CopyOptions,
): Promise<void> {
  const { target } = destination
  const progress = new Progress(context.isQuiet || context.isJson ? undefined : context.io.stderr)
  progress.plan(undefined)
  progress.begin('standard input')
  try {
    const onBytes = (count: number) => progress.add(count)
    const bytes = await uploadStream(client, context.io.stdin(), target, { ...options, onBytes })
    progress.end(true)
    if (context.isJson) context.printJson({ source: '-', path: target.path, bytes })
  } catch (error) {
    progress.end(false)
    context.fail(`put standard input to ${quoted(target.shown)}`, error, target.path)
  }
}

/** A local operand as a path; `file:` URIs too, as scripts of `hdfs dfs` write them. */
export function localPath(operand: string, cwd: string): string {
  if (operand.startsWith('file://')) return fileURLToPath(operand)
  return resolve(cwd, operand.startsWith('file:') ? operand.slice('file:'.length) : operand)
}
