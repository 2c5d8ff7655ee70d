/**
 * The few file operations that durability rests on, so that tests can put a file system there that fails, stops or
 * loses power at any of them. Paths are absolute.
 */
import { close, constants, fdatasync, fsync, ftruncate, open, read, write } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { makeDirectories } from '@cairn/hadoop-conf'

/**
 * `read` an existing file, `update` an existing file, `create` one that must not exist yet, or `create-synced`: the
 * same, and each write is durable when it returns where the system can do that, which saves a call for each.
 */
export type OpenMode = 'read' | 'update' | 'create' | 'create-synced'

/** An open file. Positions and lengths in bytes. */
export interface StorageFile {
  /** Whether a write that returned is durable without `dataSync`. */
  readonly syncsWrites: boolean
  /** Reads into `target` from `position`; 0 at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Writes at `position`; may write less than all, and returns how much. */
  write(bytes: Uint8Array, position: number): Promise<number>
  truncate(length: number): Promise<void>
  /** Makes contents and length durable. */
  dataSync(): Promise<void>
  close(): Promise<void>
}

/** A file system as the journal needs it. */
export interface StorageFileSystem {
  /** Names in a directory; empty where there is no such directory. */
  list(directory: string): Promise<string[]>
  /** Length of a file, or undefined where there is none. */
  size(path: string): Promise<number | undefined>
  open(path: string, mode: OpenMode): Promise<StorageFile>
  /** Replaces `to` at once. Durable after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file where it exists. */
  remove(path: string): Promise<void>
  makeDirectory(path: string): Promise<void>
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(directory: string): Promise<void>
}

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = constants
/**
 * Linux alone: elsewhere the flag is absent, or promises less than the sync that Node makes there (macOS leaves the data
 * in the drive's cache).
 */
const synced = process.platform === 'linux' ? constants.O_DSYNC : undefined
const flags: Readonly<Record<OpenMode, number>> = {
  read: O_RDONLY,
  update: O_RDWR,
  create: O_RDWR | O_CREAT | O_EXCL,
  'create-synced': O_RDWR | O_CREAT | O_EXCL | (synced ?? 0),
}
const fileMode = 0o644
const openFile = promisify(open)
const closeFile = promisify(close)
const fdatasyncFile = promisify(fdatasync)
const fsyncFile = promisify(fsync)
const ftruncateFile = promisify(ftruncate)

class NodeFile implements StorageFile {
  readonly syncsWrites: boolean
  readonly #fd: number

  constructor(fd: number, mode: OpenMode) {
    this.syncsWrites = mode === 'create-synced' && synced !== undefined
    this.#fd = fd
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, target, 0, target.length, position, (error, count) =>
        error ? reject(error) : resolve(count),
      )
    })
  }

  write(bytes: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#fd, bytes, 0, bytes.length, position, (error, count) =>
        error ? reject(error) : resolve(count),
      )
    })
  }

  truncate(length: number): Promise<void> {
    return ftruncateFile(this.#fd, length)
  }

  dataSync(): Promise<void> {
    return fdatasyncFile(this.#fd)
  }

  close(): Promise<void> {
    return closeFile(this.#fd)
  }
}

function absentAs<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value
    throw error
  }
}

/** The real file system. */
export const nodeFileSystem: StorageFileSystem = {
  list: (directory) => readdir(directory).catch(absentAs<string[]>([])),
  size: (path) =>
    stat(path).then((stats: { size: number }) => stats.size, absentAs<number | undefined>(undefined)),
  open: async (path, mode) => new NodeFile(await openFile(path, flags[mode], fileMode), mode),
  rename,
  remove: (path) => rm(path, { force: true }),
  makeDirectory: async (path) => makeDirectories(path),
  syncDirectory: async (directory) => {
    // Windows has no such call; NTFS keeps a journal of names by itself.
    if (process.platform === 'win32') return
    const fd = await openFile(directory, 'r')
    try {
      await fsyncFile(fd)
    } finally {
      await closeFile(fd)
    }
  },
}

/** Bytes that one read asks for. */
const pieceBytes = 1 << 18

/** Writes all of `bytes` at `position`, in as many calls as it takes. */
export async function writeAll(file: StorageFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const count = await file.write(written === 0 ? bytes : bytes.subarray(written), position + written)
    if (count <= 0)
      throw new Error(
        `write ${bytes.length - written} bytes at ${position + written}: found that none were taken`,
      )
    written += count
  }
}

/** Reads a file from `start` to `end` in pieces, each valid until the next is asked for. */
export async function* readPieces(file: StorageFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(Math.min(pieceBytes, end - start))
  for (let position = start; position < end; ) {
    const count = await file.read(piece.subarray(0, Math.min(piece.length, end - position)), position)
    if (count === 0) return
    yield piece.subarray(0, count)
    position += count
  }
}

/** All of a small file, or undefined where there is none. */
export async function readSmallFile(
  fileSystem: StorageFileSystem,
  path: string,
  bytesMax: number,
): Promise<string | undefined> {
  const size = await fileSystem.size(path)
  if (size === undefined) return undefined
  if (size > bytesMax) throw new Error(`read ${path}: found ${size} bytes; up to ${bytesMax} are allowed`)
  const file = await fileSystem.open(path, 'read')
  try {
    const decoder = new TextDecoder()
    let text = ''
    for await (const piece of readPieces(file, 0, size)) text += decoder.decode(piece, { stream: true })
    return text + decoder.decode()
  } finally {
    await file.close()
  }
}

/** Puts a small file in place at once: whoever reads it finds the old text or the new, whatever happens. */
export async function replaceSmallFile(
  fileSystem: StorageFileSystem,
  directory: string,
  name: string,
  text: string,
): Promise<void> {
  const temporary = `${directory}/${name}.tmp`
  await fileSystem.remove(temporary)
  const file = await fileSystem.open(temporary, 'create')
  try {
    await writeAll(file, new TextEncoder().encode(text), 0)
    await file.dataSync()
  } finally {
    await file.close()
  }
  await fileSystem.rename(temporary, `${directory}/${name}`)
  await fileSystem.syncDirectory(directory)
}
