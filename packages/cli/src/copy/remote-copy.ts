import type { HdfsClient } from '@cairn/hdfs-client'
import { CommandError } from '../errors.ts'
import { type Entry, readEntries, statEntry } from '../files/entry.ts'
import { baseName, childOf, isWithin, type Target } from '../paths/target.ts'
import type { CopyOptions, CopyStep, FileStep } from './copy-plan.ts'
import { pump } from './pump.ts'
import { writeComplete } from './upload.ts'

/** A file or directory on HDFS and where on HDFS it goes. */
export type RemoteCopyStep = CopyStep<Entry, Target, Entry>

/** The steps that copy what is at `source`: directories before what is in them. */
export async function* planRemoteCopy(
  client: HdfsClient,
  source: Target,
  target: Target,
  isSameCluster: boolean,
): AsyncGenerator<RemoteCopyStep> {
  const entry = await statEntry(client, source)
  if (isSameCluster && entry.kind === 'directory' && isWithin(target.path, source.path)) {
    throw new CommandError('a directory cannot be copied into itself', { code: 'EINVAL', path: source.path })
  }
  if (isSameCluster && source.path === target.path) {
    throw new CommandError('source and target are the same file', { code: 'EINVAL', path: source.path })
  }
  yield* planEntry(client, entry, target)
}

async function* planEntry(client: HdfsClient, source: Entry, target: Target): AsyncGenerator<RemoteCopyStep> {
  if (source.kind === 'file') {
    yield { kind: 'file', source, target, stats: source, bytes: source.size }
    return
  }
  try {
    if (source.kind === 'symlink') throw new CommandError('it is a symbolic link', { code: 'EINVAL' })
    const children = await readEntries(client, source.target)
    yield { kind: 'directory', source, target, stats: source }
    for (const child of children)
      yield* planEntry(client, child, childOf(target, baseName(child.target.path)))
  } catch (error) {
    yield { kind: 'failed', source, target, error }
  }
}

/** Copies one file between paths or clusters; it has its name only when all of it is there. */
export async function copyRemoteFile(
  from: HdfsClient,
  to: HdfsClient,
  step: FileStep<Entry, Target, Entry>,
  options: CopyOptions,
  keep: (from: HdfsClient, path: string, entry: Entry) => Promise<void>,
): Promise<number> {
  const source = await from.open(step.source.target.path, 'r', { signal: options.signal })
  try {
    return await writeComplete(
      to,
      step.target,
      options,
      (handle) =>
        pump(
          async (buffer) => (await source.read(buffer, 0, buffer.length)).bytesRead,
          (part) => handle.write(part),
          options,
        ),
      (path) => keep(from, path, step.stats),
    )
  } finally {
    await source.close()
  }
}
