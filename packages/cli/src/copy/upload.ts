import type { Stats } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FileHandle, HdfsClient } from '@cairn/hdfs-client'
import { CommandError, codeOf } from '../errors.ts'
import { childOf, type Target } from '../paths/target.ts'
import { cleanUp } from './clean-up.ts'
import type { CopyOptions, CopyStep, FileStep } from './copy-plan.ts'
import { CrcCheck, isCrcName } from './crc-file.ts'
import { preserveOnHdfs } from './preserve.ts'
import { pump } from './pump.ts'
import { temporaryName } from './temporary-name.ts'
import { untilAborted } from './until-aborted.ts'

/** A local file or directory and where it goes. */
export type UploadStep = CopyStep<string, Target, Stats>

/**
 * The steps that copy a local path: directories before what is in them. Symbolic links are followed; what is
 * neither file nor directory is refused.
 */
export async function* planUpload(
  source: string,
  target: Target,
  above: readonly string[] = [],
): AsyncGenerator<UploadStep> {
  try {
    const stats = await stat(source)
    const inode = `${stats.dev}:${stats.ino}`
    if (stats.isFile()) yield { kind: 'file', source, target, stats, bytes: stats.size }
    else if (stats.isDirectory()) {
      if (above.includes(inode)) {
        throw new CommandError('it is a symbolic link to a directory above it', {
          code: 'ELOOP',
          path: source,
        })
      }
      const names = await readdir(source)
      yield { kind: 'directory', source, target, stats }
      for (const name of names.filter((one) => !belongsTo(one, names)).sort()) {
        yield* planUpload(join(source, name), childOf(target, name), [...above, inode])
      }
    } else {
      throw new CommandError('it is neither a file nor a directory', { code: 'EINVAL', path: source })
    }
  } catch (error) {
    yield { kind: 'failed', source, target, error }
  }
}

/** Checksum files of Hadoop's local file system are no files of their own; they are checked, not copied. */
function belongsTo(name: string, names: readonly string[]): boolean {
  return isCrcName(name) && names.includes(name.slice(1, -'.crc'.length))
}

/** Copies one file to HDFS under a temporary name, and gives it its own when all of it is there. */
export async function uploadFile(
  client: HdfsClient,
  step: FileStep<string, Target, Stats>,
  options: CopyOptions,
): Promise<number> {
  const local = await open(step.source, 'r')
  try {
    return await writeComplete(
      client,
      step.target,
      options,
      async (handle) => {
        const read = async (buffer: Uint8Array) =>
          (await local.read(buffer, 0, buffer.length, null)).bytesRead
        const check = await CrcCheck.of(step.source)
        const write = (part: Uint8Array) => {
          check?.add(part)
          return handle.write(part)
        }
        const bytes = await pump(read, write, options)
        // A file that shrank or grew under the copy is not the file that was asked for.
        const now = await local.stat()
        if (now.size !== bytes && step.stats.size !== bytes) {
          throw new CommandError(`the file changed while it was copied (${bytes} of ${now.size} bytes)`, {
            code: 'EIO',
          })
        }
        check?.end()
        return bytes
      },
      (path) => (options.preserve ? preserveOnHdfs(client, path, step.stats, options) : Promise.resolve()),
    )
  } finally {
    await local.close()
  }
}

/** Copies a stream, standard input as a rule, to HDFS in the same way. */
export async function uploadStream(
  client: HdfsClient,
  source: AsyncIterable<Uint8Array>,
  target: Target,
  options: CopyOptions,
): Promise<number> {
  return await writeComplete(client, target, options, async (handle) => {
    let bytes = 0
    for await (const part of untilAborted(source, options.signal)) {
      await handle.write(part)
      bytes += part.length
      options.onBytes?.(part.length)
    }
    return bytes
  })
}

/**
 * Creates `target._COPYING_`, lets `write` fill it, and renames it. Whatever fails, an abort included, takes the
 * temporary file away again. With `direct` the file is written under its own name at once.
 */
export async function writeComplete(
  client: HdfsClient,
  target: Target,
  options: CopyOptions,
  write: (handle: FileHandle) => Promise<number>,
  beforeRename: (path: string) => Promise<void> = async () => {},
): Promise<number> {
  const { signal } = options
  if (!options.overwrite && (await client.exists(target.path, { signal }))) throw targetExists(target)
  const path = options.direct ? target.path : temporaryName(target.path)
  const handle = await create(client, path, target, options)
  try {
    const bytes = await write(handle)
    await handle.close()
    await beforeRename(path)
    signal.throwIfAborted()
    if (!options.direct) await putInPlace(client, path, target.path, options)
    return bytes
  } catch (error) {
    await cleanUp(async () => {
      await handle.abort()
      await client.rm(path, { force: true })
    })
    throw codeOf(error) === 'EEXIST' ? targetExists(target) : error
  }
}

/** Names that are tried for a file that is moved aside. */
const oldNamesMax = 100

/** Renames a complete file. Hadoop 1 replaces nothing in one step: there the old file is moved aside first. */
async function putInPlace(
  client: HdfsClient,
  path: string,
  target: string,
  { overwrite, signal }: CopyOptions,
): Promise<void> {
  try {
    await client.rename(path, target, { overwrite, signal })
  } catch (error) {
    if (!overwrite || codeOf(error) !== 'ENOTSUP') throw error
    const old = await moveAside(client, target, signal)
    // From here on an abort would leave neither file in place.
    await client.rename(path, target, { overwrite: false }).catch(async (failure: unknown) => {
      await client.rename(old, target, { overwrite: false })
      throw failure
    })
    await client.rm(old)
  }
}

/** Moves a file to a free name beside it: one that an interrupted replacement left may be all there is of its file. */
async function moveAside(client: HdfsClient, target: string, signal: AbortSignal): Promise<string> {
  for (let number = 1; ; number += 1) {
    const old = number === 1 ? `${target}._OLD_` : `${target}._OLD_${number}_`
    try {
      await client.rename(target, old, { overwrite: false, signal })
      return old
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || number === oldNamesMax) throw error
    }
  }
}

async function create(
  client: HdfsClient,
  path: string,
  target: Target,
  options: CopyOptions,
): Promise<FileHandle> {
  const { signal, blockSize, replication, lazyPersist } = options
  try {
    const flags = options.direct && !options.overwrite ? 'wx' : 'w'
    return await client.open(path, flags, { signal, blockSize, replication, lazyPersist })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    const hint = `its directory is missing; cairn mkdir -p makes it`
    throw new CommandError('No such file or directory', {
      code: 'ENOENT',
      path: target.path,
      hint,
      cause: error,
    })
  }
}

function targetExists(target: Target): CommandError {
  return new CommandError('File exists', { code: 'EEXIST', path: target.path, hint: '-f replaces it' })
}

/** The last name of a local path: what a copy in a directory is called. */
export function localName(path: string): string {
  return basename(path)
}
