/** create and append; FSDirWriteFileOp.startFile, FSDirAppendOp. */
import type { HdfsFileStatusProto, LocatedBlockProto } from '@cairn/hadoop-proto'
import { locateBlock, locatedBlock } from '../blocks/located-blocks.ts'
import type { Core } from '../core.ts'
import { fileAlreadyExists, fileNotFound, ioException, parentNotDirectory } from '../java-exceptions.ts'
import { splitPath } from '../namespace/path.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess, checkSticky } from '../permissions/permission-checker.ts'
import { fileStatus } from './file-status.ts'
import { inheritedAcl } from './inherited-acl.ts'
import { lazyPersistPolicyId, refuseLazyPersist } from './lazy-persist.ts'
import { takeOver } from './leases.ts'
import { createMissing } from './mkdirs.ts'
import { checkNewChild, checkNewPath, checkNotReserved, checkPathLength, checkQuota } from './names.ts'
import { existing, fileOf, type Resolved, resolve } from './resolve.ts'
import type { RpcIds } from './rpc-ids.ts'

/** CreateFlagProto. */
export const createFlag = { create: 1, overwrite: 2, append: 4, lazyPersist: 0x10, newBlock: 0x20 } as const

export interface CreateRequest {
  readonly src: string
  readonly mode: number
  readonly unmaskedMode: number
  readonly clientName: string
  readonly clientMachine: string
  readonly flags: number
  readonly createParent: boolean
  readonly replication: number
  readonly blockSize: number
  readonly rpcIds: RpcIds
}

/** Opens a new file for writing, in place of an old one when OVERWRITE is asked for. */
export function create(core: Core, caller: Caller, request: CreateRequest): HdfsFileStatusProto {
  const { src, flags } = request
  checkPathLength(src, 'create')
  checkNewPath(src, '')
  checkNotReserved(src)
  checkReplication(core, src, request.replication, `, clientName=${request.clientMachine}`)
  if (request.blockSize < core.settings.blockSizeMin) {
    throw ioException(
      `Specified block size is less than configured minimum value (dfs.namenode.fs-limits.min-block-size): ${request.blockSize} < ${core.settings.blockSizeMin}`,
    )
  }
  const resolved = resolve(core, caller, src, 'not a parent')
  core.checkNotSafeMode(`Cannot create file${src}`)
  const { inode, path } = resolved
  if (path === '/') throw fileAlreadyExists(`${src} already exists as a directory`)
  if (inode?.kind === 'directory') throw fileAlreadyExists(`${src} already exists as a directory`)
  const overwrite = (flags & createFlag.overwrite) !== 0
  checkAccess(caller, resolved.ancestor, access.write)
  if (inode !== undefined && overwrite) checkAccess(caller, inode, access.write)
  if (!request.createParent) checkParent(resolved)
  if (inode === undefined && (flags & createFlag.create) === 0) {
    throw fileNotFound(`Can't overwrite non-existent ${path}`)
  }
  if (inode?.kind === 'file') checkReplaceable(core, caller, resolved, request, overwrite)
  createAt(core, caller, resolved, request, inode !== undefined)
  const made = existing(resolve(core, caller, path).inode, path)
  return fileStatus(made)
}

function checkReplaceable(
  core: Core,
  caller: Caller,
  resolved: Resolved,
  request: CreateRequest,
  overwrite: boolean,
): void {
  const file = fileOf(resolved.inode, resolved.path)
  if (overwrite) {
    checkSticky(caller, file)
    return
  }
  takeOver(core, 'CREATE_FILE', file, resolved.path, request.clientName, request.clientMachine, false)
  throw fileAlreadyExists(`${request.src} for client ${request.clientMachine} already exists`)
}

function checkParent(resolved: Resolved): void {
  if (resolved.below.length <= 1) return
  throw fileNotFound(`Parent directory doesn't exist: ${splitPath(resolved.path).parent}`)
}

export function checkReplication(core: Core, src: string, replication: number, who = ''): void {
  const { replicationMin, replicationMax } = core.settings
  const problem = (what: string): Error =>
    ioException(`Requested replication factor of ${replication} ${what} for ${src}${who}`)
  if (replication < replicationMin) throw problem(`is less than the required minimum of ${replicationMin}`)
  if (replication > replicationMax) throw problem(`exceeds maximum of ${replicationMax}`)
}

function createAt(
  core: Core,
  caller: Caller,
  resolved: Resolved,
  request: CreateRequest,
  replaces: boolean,
): void {
  const { path, below } = resolved
  checkQuota(core, resolved.ancestor, below.length - (replaces ? 1 : 0), 0)
  if (below.length > 1) {
    createMissing(core, caller, resolved, below.length - 1, {
      mode: resolved.ancestor.mode & 0o777,
      unmaskedMode: resolved.ancestor.mode & 0o777,
      implicit: true,
    })
  }
  const parent = below.length > 1 ? resolve(core, caller, splitPath(path).parent).inode : resolved.ancestor
  if (parent?.kind !== 'directory') throw parentNotDirectory(splitPath(path).parent)
  checkNewChild(core, parent, below[below.length - 1]!, path)
  const acl = inheritedAcl(parent, request.unmaskedMode, false)
  const now = core.env.now()
  core.commit({
    op: 'OP_ADD',
    inodeId: core.nextInodeId(),
    path,
    replication: request.replication,
    mtime: now,
    atime: now,
    blockSize: request.blockSize,
    blocks: [],
    permissions: { username: caller.user, groupname: parent.group, mode: acl?.mode ?? request.mode },
    aclEntries: acl?.entries ?? [],
    xAttrs: [],
    clientName: request.clientName,
    clientMachine: request.clientMachine,
    overwrite: replaces,
    storagePolicyId: (request.flags & createFlag.lazyPersist) === 0 ? 0 : lazyPersistPolicyId,
    erasureCodingPolicyId: 0,
    ...request.rpcIds,
  })
}

export interface AppendRequest {
  readonly src: string
  readonly clientName: string
  readonly clientMachine: string
  readonly flags: number
  readonly rpcIds: RpcIds
}

/** Opens a file again at its end; with the last block when that is not full. */
export function append(
  core: Core,
  caller: Caller,
  request: AppendRequest,
): { readonly block: LocatedBlockProto | undefined; readonly status: HdfsFileStatusProto } {
  const { src, clientName, clientMachine } = request
  const newBlock = (request.flags & createFlag.newBlock) !== 0
  const resolved = resolve(core, caller, src)
  core.checkNotSafeMode(`Cannot append to file${src}`)
  const { inode, path } = resolved
  if (inode?.kind === 'directory') {
    throw fileAlreadyExists(`Cannot append to directory ${path}; already exists as a directory.`)
  }
  if (inode !== undefined) checkAccess(caller, inode, access.write)
  if (inode === undefined) {
    throw fileNotFound(`Failed to append to non-existent file ${path} for client ${clientMachine}`)
  }
  const file = fileOf(inode, path)
  refuseLazyPersist(file, 'append to', path)
  takeOver(core, 'APPEND_FILE', file, path, clientName, clientMachine, false)
  const last = file.lastBlock
  if (last !== undefined && !last.complete) {
    throw ioException(`append: lastBlock=${last.id} of src=${path} is not COMPLETE.`)
  }
  if (last !== undefined && !core.blocks.hasMinimalReplication(last)) {
    throw ioException(
      `append: lastBlock=blk_${last.id}_${last.generationStamp} of src=${path} is not sufficiently replicated yet.`,
    )
  }
  const partial = !newBlock && last !== undefined && last.numBytes < file.preferredBlockSize
  if (partial) {
    checkQuota(core, file.parent, 0, (file.preferredBlockSize - last.numBytes) * file.replication)
  }
  core.commit({ op: 'OP_APPEND', path, clientName, clientMachine, newBlock, ...request.rpcIds })
  return appendAnswer(core, file, newBlock, clientMachine)
}

/** What an appending client gets, also when it asks again. */
export function appendAnswer(
  core: Core,
  file: { readonly id: number },
  newBlock: boolean,
  reader: string,
): { readonly block: LocatedBlockProto | undefined; readonly status: HdfsFileStatusProto } {
  const inode = core.namespace.inodes.get(file.id)
  if (inode?.kind !== 'file') throw fileNotFound(`File does not exist: /.reserved/.inodes/${file.id}`)
  const last = inode.lastBlock
  const offset = last === undefined ? 0 : inode.length - last.numBytes
  const partial = last !== undefined && !last.complete
  if (partial) {
    return { block: locateBlock(core.blocks, last, offset, reader), status: fileStatus(inode) }
  }
  // A client that starts a new block names this one as the previous.
  const block = newBlock && last !== undefined ? locatedBlock(core.blocks, last, offset, []) : undefined
  return { block, status: fileStatus(inode) }
}
