/** Reading the tree: file status, listings, locations; FSDirStatAndListingOp. */
import type { DirectoryListingProto, HdfsFileStatusProto, LocatedBlocksProto } from '@cairn/hadoop-proto'
import { locateBlocks } from '../blocks/located-blocks.ts'
import type { Core } from '../core.ts'
import { fileNotFound, illegalArgument, snapshotException } from '../java-exceptions.ts'
import type { INode, INodeFile } from '../namespace/inode.ts'
import { pathOf, reservedPrefix } from '../namespace/path.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess } from '../permissions/permission-checker.ts'
import { fileStatus } from './file-status.ts'
import { snapshotName } from './names.ts'
import { reservedDirectory, reservedEntries } from './reserved-directory.ts'
import { fileOf, resolve } from './resolve.ts'

/** Undefined when there is nothing at the path. */
export function getFileInfo(core: Core, caller: Caller, src: string): HdfsFileStatusProto | undefined {
  const { inode, path } = resolve(core, caller, src, caller.superuser ? 'nothing' : 'denied')
  if (path === reservedPrefix) return reservedDirectory
  return inode === undefined ? undefined : fileStatus(inode)
}

/** The same with block locations; `toRead` asks for the right to read as well. */
export function getLocatedFileInfo(
  core: Core,
  caller: Caller,
  request: { readonly src: string; readonly toRead: boolean; readonly reader: string },
): HdfsFileStatusProto | undefined {
  const { inode } = resolve(core, caller, request.src, caller.superuser ? 'nothing' : 'denied')
  if (inode === undefined) return undefined
  if (request.toRead) checkAccess(caller, inode, access.read)
  return fileStatus(inode, '', inode.kind === 'file' ? locations(core, inode, request.reader) : undefined)
}

function locations(core: Core, file: INodeFile, reader: string): LocatedBlocksProto {
  return locateBlocks(core.blocks, file, 0, file.length, reader)
}

export interface ListingRequest {
  readonly src: string
  /** Name after which to go on; '' from the start. */
  readonly startAfter: string
  readonly needLocation: boolean
  /** Address of the client, for the order of locations. */
  readonly reader: string
}

/** One page of a directory, or the file itself; undefined when there is nothing at the path. */
export function getListing(
  core: Core,
  caller: Caller,
  request: ListingRequest,
): DirectoryListingProto | undefined {
  const { inode, path, below, ancestor } = resolve(core, caller, request.src)
  if (path === reservedPrefix) return { partialListing: reservedEntries(core), remainingEntries: 0 }
  if (inode === undefined && below.length === 1 && below[0] === snapshotName) {
    throw snapshotException(`Directory is not a snapshottable directory: ${pathOf(ancestor)}`)
  }
  if (inode?.kind === 'directory') checkAccess(caller, inode, access.read | access.execute)
  if (inode === undefined) return undefined
  if (inode.kind !== 'directory') {
    return { partialListing: [statusInListing(core, inode, '', request)], remainingEntries: 0 }
  }
  const { children } = inode
  if (children === undefined) return { partialListing: [], remainingEntries: 0 }
  return listChildren(core, children.sorted(), children.indexAfter(startName(core, request)), request)
}

/** A page holds at most `listingMax` entries and, with locations, about as many locations. */
function listChildren(
  core: Core,
  list: readonly INode[],
  start: number,
  request: ListingRequest,
): DirectoryListingProto {
  const partialListing: HdfsFileStatusProto[] = []
  let locationsLeft = core.settings.listingMax
  let index = request.startAfter === '' ? 0 : start
  while (index < list.length && partialListing.length < core.settings.listingMax && locationsLeft > 0) {
    const inode = list[index++]!
    const status = statusInListing(core, inode, inode.name, request)
    partialListing.push(status)
    for (const block of status.locations?.blocks ?? []) locationsLeft -= block.locs.length
  }
  return { partialListing, remainingEntries: list.length - index }
}

function statusInListing(
  core: Core,
  inode: INode,
  name: string,
  request: ListingRequest,
): HdfsFileStatusProto {
  const located = request.needLocation && inode.kind === 'file'
  return fileStatus(inode, name, located ? locations(core, inode, request.reader) : undefined)
}

/** Where to go on may also be given as `/.reserved/.inodes/<id>` of the last entry. */
function startName(core: Core, request: ListingRequest): string {
  const { startAfter } = request
  if (!startAfter.startsWith('/.reserved/.inodes/')) return startAfter
  const inode = core.namespace.inodes.get(Number(startAfter.slice('/.reserved/.inodes/'.length)))
  if (inode === undefined) {
    throw fileNotFound(`Can't find inode ${startAfter} to go on a listing of ${request.src}`)
  }
  return inode.name
}

/** Blocks of a range; also notes the access when access times are kept. */
export function getBlockLocations(
  core: Core,
  caller: Caller,
  request: {
    readonly src: string
    readonly offset: number
    readonly length: number
    readonly reader: string
  },
): LocatedBlocksProto {
  const { src, offset, length, reader } = request
  if (offset < 0) throw illegalArgument(`Negative offset is not supported. File: ${src}`)
  if (length < 0) throw illegalArgument(`Negative length is not supported. File: ${src}`)
  const { inode, path } = resolve(core, caller, src)
  const file = fileOf(inode, path)
  checkAccess(caller, file, access.read)
  const located = locateBlocks(core.blocks, file, offset, length, reader)
  const now = core.env.now()
  const precision = core.settings.accessTimePrecisionMs
  if (precision > 0 && now > file.accessTime + precision && !core.blocks.safeMode.on) {
    core.commit({ op: 'OP_TIMES', path, mtime: -1, atime: now })
  }
  if (core.blocks.safeMode.on && located.blocks.some((block) => block.locs.length === 0)) {
    throw core.safeModeError(`Zero blocklocations for ${src}`)
  }
  return located
}

/** Length known so far, without asking DataNodes, for files that are closed. */
export function isFileClosed(core: Core, caller: Caller, src: string): boolean {
  const { inode, path } = resolve(core, caller, src)
  return fileOf(inode, path).underConstruction === undefined
}
