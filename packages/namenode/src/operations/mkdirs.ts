/** mkdirs; FSDirMkdirOp. */
import type { Core } from '../core.ts'
import { fileAlreadyExists, fileNotFound, parentNotDirectory } from '../java-exceptions.ts'
import type { INodeDirectory } from '../namespace/inode.ts'
import { splitPath } from '../namespace/path.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess } from '../permissions/permission-checker.ts'
import { inheritedAcl } from './inherited-acl.ts'
import { checkNewChild, checkNewPath, checkPathLength, checkQuota } from './names.ts'
import { type Resolved, resolve } from './resolve.ts'

export interface MkdirsRequest {
  readonly src: string
  readonly mode: number
  /** The mode before the client's umask; used where a default ACL takes the umask's place. */
  readonly unmaskedMode: number
  readonly createParent: boolean
}

/** Makes the directory and, if asked, what is missing above it; true also when it is there already. */
export function mkdirs(core: Core, caller: Caller, request: MkdirsRequest): boolean {
  checkPathLength(request.src, 'mkdirs')
  checkNewPath(request.src, 'Invalid file name: ')
  const resolved = resolve(core, caller, request.src, 'not a parent')
  core.checkNotSafeMode(`Cannot create directory ${request.src}`)
  const { inode } = resolved
  if (inode?.kind === 'file') throw fileAlreadyExists(`Path is not a directory: ${resolved.path}`)
  if (inode !== undefined) return true
  checkAccess(caller, resolved.ancestor, access.write)
  if (!request.createParent && resolved.below.length > 1) {
    throw fileNotFound(`Parent directory doesn't exist: ${splitPath(resolved.path).parent}`)
  }
  checkQuota(core, resolved.ancestor, resolved.below.length, 0)
  createMissing(core, caller, resolved, resolved.below.length, request)
  return true
}

/**
 * Makes the first `count` missing directories of a resolved path. Those above the last get the deepest existing
 * one's owner bits plus write and execute for the owner, as `mkdir -p` does it.
 */
export function createMissing(
  core: Core,
  caller: Caller,
  resolved: Resolved,
  count: number,
  modes: { readonly mode: number; readonly unmaskedMode: number; readonly implicit?: boolean },
): void {
  let path = resolved.path
  for (let i = resolved.below.length; i > 0; i--) path = splitPath(path).parent
  let parent = resolved.ancestor
  for (let i = 0; i < count; i++) {
    const name = resolved.below[i]!
    path = path === '/' ? `/${name}` : `${path}/${name}`
    const implicit = modes.implicit === true || i < resolved.below.length - 1
    checkNewChild(core, parent, name, path)
    parent = createDirectory(core, caller, parent, path, modes, implicit)
  }
}

function createDirectory(
  core: Core,
  caller: Caller,
  parent: INodeDirectory,
  path: string,
  modes: { readonly mode: number; readonly unmaskedMode: number },
  implicit: boolean,
): INodeDirectory {
  const acl = inheritedAcl(parent, modes.unmaskedMode, true)
  const mode = (acl?.mode ?? modes.mode) | (implicit ? 0o300 : 0)
  core.commit({
    op: 'OP_MKDIR',
    inodeId: core.nextInodeId(),
    path,
    timestamp: core.env.now(),
    permissions: { username: caller.user, groupname: parent.group, mode },
    aclEntries: acl?.entries ?? [],
    xAttrs: [],
  })
  const made = core.namespace.inodes.get(core.namespace.lastInodeId)
  if (made?.kind !== 'directory') throw parentNotDirectory(path)
  return made
}
