import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { HdfsClient } from '@cairn/hdfs-client'
import { CommandError, codeOf } from '../errors.ts'
import { type Entry, readEntries, statEntry } from '../files/entry.ts'
import { baseName, type Target } from '../paths/target.ts'
import { cleanUp } from './clean-up.ts'
import type { CopyOptions, CopyStep, FileStep } from './copy-plan.ts'
import { CrcFile } from './crc-file.ts'
import { preserveLocally } from './preserve.ts'
import { pump } from './pump.ts'
import { temporaryName } from './temporary-name.ts'

/** A file or directory on HDFS and where it goes locally. */
export type DownloadStep = CopyStep<Entry, string, Entry>

/** The steps that copy what is at `target` to the local path: directories before what is in them. */
export async function* planDownload(
  client: HdfsClient,
  source: Target,
  target: string,
): AsyncGenerator<DownloadStep> {
  yield* planEntry(client, await statEntry(client, source), target)
}

async function* planEntry(client: HdfsClient, source: Entry, target: string): AsyncGenerator<DownloadStep> {
  if (source.kind === 'file') {
    yield { kind: 'file', source, target, stats: source, bytes: source.size }
    return
  }
  try {
    if (source.kind === 'symlink') throw new CommandError('it is a symbolic link', { code: 'EINVAL' })
    const children = await readEntries(client, source.target)
    yield { kind: 'directory', source, target, stats: source }
    for (const child of children) yield* planEntry(client, child, join(target, localSafe(child)))
  } catch (error) {
    yield { kind: 'failed', source, target, error }
  }
}

/** Names on HDFS hold no slash and are neither `.` nor `..`; a server that says otherwise must not choose local paths. */
function localSafe(entry: Entry): string {
  const name = baseName(entry.target.path)
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) {
    throw new CommandError('the NameNode listed a name that no file can have', { code: 'EPROTO' })
  }
  return name
}

/** Copies one file under a temporary name, and gives it its own when all of it is there. */
export async function downloadFile(
  client: HdfsClient,
  step: FileStep<Entry, string, Entry>,
  options: CopyOptions,
): Promise<number> {
  const { signal } = options
  await refuseTarget(step.target, options.overwrite)
  const path = options.direct ? step.target : temporaryName(step.target)
  const remote = await client.open(step.source.target.path, 'r', { signal })
  try {
    const local = await open(path, 'w')
    try {
      const read = async (buffer: Uint8Array) => (await remote.read(buffer, 0, buffer.length)).bytesRead
      const sums = options.writesCrc ? new CrcFile() : undefined
      const write = async (part: Uint8Array) => {
        sums?.add(part)
        await writeAll(local, part)
      }
      const bytes = await pump(read, write, options)
      await local.close()
      if (options.preserve) await preserveLocally(path, step.stats)
      signal.throwIfAborted()
      if (!options.direct) await rename(path, step.target)
      await sums?.write(step.target)
      return bytes
    } catch (error) {
      await cleanUp(async () => {
        await local.close()
        await rm(path, { force: true })
      })
      throw error
    }
  } finally {
    await remote.close()
  }
}

async function writeAll(file: import('node:fs/promises').FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten
  }
}

async function refuseTarget(path: string, overwrite: boolean): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (found === undefined) return
  if (found.isDirectory()) throw new CommandError('Is a directory', { code: 'EISDIR', path })
  if (!overwrite) throw new CommandError('File exists', { code: 'EEXIST', path, hint: '-f replaces it' })
}

/** Makes a local directory; one that is there is as good. */
export async function makeLocalDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
}
