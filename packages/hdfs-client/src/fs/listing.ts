import type { HdfsFileStatusProto } from '@cairn/hadoop-proto'
import { listingPageEntriesMax } from '../limits.ts'
import type { CallOptions, NamenodeProxy } from '../namenode/namenode-proxy.ts'
import { Dirent } from './dirent.ts'
import { HdfsFileError, throwFileError } from './file-error.ts'
import { joinPath } from './path.ts'
import { entryName } from './stats.ts'

const fromStart = new Uint8Array(0)

/** One answer of getListing. */
export interface ListingPage {
  readonly entries: readonly HdfsFileStatusProto[]
  /** Name to go on after; undefined on the last page. */
  readonly next: Uint8Array | undefined
}

/** One page of a directory, sorted by the bytes of the names. ENOENT, ENOTDIR. */
export async function listingPage(
  namenode: NamenodeProxy,
  path: string,
  startAfter: Uint8Array | undefined,
  syscall: string,
  options?: CallOptions,
): Promise<ListingPage> {
  const request = { src: path, startAfter: startAfter ?? fromStart, needLocation: false }
  const { dirList } = await namenode
    .call('getListing', request, options)
    .catch((error: unknown) => throwFileError(error, syscall, path))
  if (dirList === undefined) throw new HdfsFileError('ENOENT', syscall, { path })
  const entries = dirList.partialListing
  if (entries.length > listingPageEntriesMax) {
    const detail = `the NameNode sent ${entries.length} entries in one page; ${listingPageEntriesMax} are allowed`
    throw new HdfsFileError('EIO', syscall, { path, detail })
  }
  const last = entries.at(-1)
  // The listing of a file is the file itself, without a name.
  if (entries.length === 1 && last!.path.length === 0) throw new HdfsFileError('ENOTDIR', syscall, { path })
  return { entries, next: dirList.remainingEntries > 0 ? last?.path : undefined }
}

/** All entries of one directory. */
async function listAll(
  namenode: NamenodeProxy,
  path: string,
  options?: CallOptions,
): Promise<readonly HdfsFileStatusProto[]> {
  const first = await listingPage(namenode, path, undefined, 'scandir', options)
  if (first.next === undefined) return first.entries
  const entries = [...first.entries]
  for (let next: Uint8Array | undefined = first.next; next !== undefined; ) {
    const page = await listingPage(namenode, path, next, 'scandir', options)
    for (const entry of page.entries) entries.push(entry)
    next = page.next
  }
  return entries
}

/** Options of readdir. */
export interface ReaddirOptions extends CallOptions {
  /** Resolves with Dirent objects instead of names. */
  withFileTypes?: boolean | undefined
  /** Lists directories below, too; names are then relative to the path. */
  recursive?: boolean | undefined
}

/** Names of a directory's entries, sorted by their bytes; directory by directory when recursive. */
export async function readNames(
  namenode: NamenodeProxy,
  path: string,
  options: ReaddirOptions,
): Promise<string[]> {
  if (options.recursive !== true) return (await listAll(namenode, path, options)).map(entryName)
  const prefix = path === '/' ? 1 : path.length + 1
  const entries = await readEntries(namenode, path, options)
  return entries.map((entry) => entry.path.slice(prefix))
}

/** A directory's entries with their status. */
export async function readEntries(
  namenode: NamenodeProxy,
  path: string,
  options: ReaddirOptions,
): Promise<Dirent[]> {
  const found: Dirent[] = []
  const folders = [path]
  for (let index = 0; index < folders.length; index += 1) {
    const folder = folders[index]!
    for (const status of await listFolder(namenode, folder, index > 0, options)) {
      const entry = new Dirent(entryName(status), folder, status)
      found.push(entry)
      if (options.recursive === true && entry.isDirectory()) folders.push(joinPath(folder, entry.name))
    }
  }
  return found
}

/** A folder below the one asked for may be removed meanwhile: it then has no entries. */
async function listFolder(
  namenode: NamenodeProxy,
  folder: string,
  below: boolean,
  options: CallOptions,
): Promise<readonly HdfsFileStatusProto[]> {
  try {
    return await listAll(namenode, folder, options)
  } catch (error) {
    if (below && error instanceof HdfsFileError && error.code === 'ENOENT') return []
    throw error
  }
}
