import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import type { CopyOptions } from '../copy/copy-plan.ts'
import { preserveEntry } from '../copy/preserve.ts'
import { copyRemoteFile, planRemoteCopy, type RemoteCopyStep } from '../copy/remote-copy.ts'
import { copyFlags, runCopies, threadCount } from '../copy/run-copies.ts'
import { UsageError } from '../errors.ts'
import type { Entry } from '../files/entry.ts'
import { quoted } from '../format/printable.ts'
import { openDestination, placeIn } from '../paths/destination.ts'
import { baseName, type Target } from '../paths/target.ts'

/** `cairn cp`. */
export const cp = defineCommand({
  name: 'cp',
  summary: 'copy within HDFS or between clusters',
  usage: ['[-fd] [-p[topax]] [-t N] SOURCE… TARGET'],
  cleansUp: true,
  operands: 'hdfs',
  flags: {
    ...copyFlags,
    preserve: {
      names: ['-p'],
      value: '[topax]',
      optional: { attached: /^[topax]+$/ },
      help: 'keep times, ownership, permission, ACL, extended attributes; -p alone is -ptop',
    },
  },
  examples: [
    ['cairn cp /data/a.bin /data/b.bin', 'One file.'],
    ["cairn cp -p '/data/2026-*' hdfs://other:8020/archive/", 'Trees to another cluster.'],
  ],
  notes: ['The bytes go through this machine.'],
  async run(context, { flags, operands }) {
    if (operands.length < 2) throw new UsageError('cp needs a SOURCE and a TARGET')
    const threads = threadCount(flags.threads)
    const { signal } = context
    const to = context.target(operands.at(-1)!)
    const client = await context.client(to)
    const toFileSystem = await context.fileSystem(to)
    const sources: { client: HdfsClient; target: Target }[] = []
    for await (const source of context.targets(operands.slice(0, -1), 'access')) sources.push(source)
    if (sources.length === 0) return undefined
    const destination = await openDestination(client, to, sources.length > 1)
    const clientOf = new Map<Entry, HdfsClient>()
    async function* steps(): AsyncGenerator<RemoteCopyStep> {
      for (const source of sources) {
        const place = placeIn(destination, baseName(source.target.path))
        const isSame = (await context.fileSystem(source.target)) === toFileSystem
        try {
          for await (const step of planRemoteCopy(source.client, source.target, place, isSame)) {
            clientOf.set(step.source, source.client)
            yield step
          }
        } catch (error) {
          const { shown, path } = source.target
          context.fail(`copy ${quoted(shown)} to ${quoted(place.shown)}`, error, path)
        }
      }
    }
    const { force, direct } = flags
    const kept = flags.preserve === '' ? 'top' : flags.preserve
    const keep = async (from: HdfsClient, path: string, entry: Entry) => {
      if (kept !== undefined) await preserveEntry(from, client, path, entry, kept, { signal })
    }
    const options: CopyOptions = { overwrite: force, preserve: kept !== undefined, direct, signal }
    await runCopies<Entry, Target, Entry>(context, {
      steps: steps(),
      threads,
      what: (source, target) => `copy ${quoted(source.target.shown)} to ${quoted(target.shown)}`,
      label: (source) => source.target.shown,
      makeDirectory: async ({ target }) =>
        void (await client.mkdir(target.path, { recursive: true, signal })),
      copyFile: (step, onBytes) =>
        copyRemoteFile(clientOf.get(step.source)!, client, step, { ...options, onBytes }, keep),
      finishDirectory: ({ source, target, stats }) => keep(clientOf.get(source)!, target.path, stats),
      json: ({ source, target }, bytes) => ({ source: source.target.path, path: target.path, bytes }),
    })
    return undefined
  },
})
