/** From the path of a request to nodes, with the right to get there checked; FSDirectory.resolvePath. */
import type { Core } from '../core.ts'
import {
  accessControl,
  assertionError,
  fileNotFound,
  parentNotDirectory,
  unresolvedLink,
} from '../java-exceptions.ts'
import type { INode, INodeDirectory, INodeFile } from '../namespace/inode.ts'
import { componentsOf, reservedPrefix, resolveReserved } from '../namespace/path.ts'
import type { Caller } from '../permissions/caller.ts'
import { checkEnter } from '../permissions/permission-checker.ts'

/** Where a path leads. */
export interface Resolved {
  /** The path without `/.reserved/…` and trailing slash. */
  readonly path: string
  /** The node at the path, when there is one. */
  readonly inode: INode | undefined
  /** The deepest directory on the way: the parent when only the last component is missing. */
  readonly ancestor: INodeDirectory
  /** Components below `ancestor`; the last one alone when the node exists, none for the root. */
  readonly below: readonly string[]
}

/**
 * What a file in the middle of the path means: a parent that is none (where something new is to be made), that there
 * is nothing (the superuser's look at a path), or for all else: no right to enter.
 */
export type OnFile = 'not a parent' | 'denied' | 'nothing'

/** Throws what Java throws when a directory may not be entered or is a file. */
export function resolve(core: Core, caller: Caller, src: string, onFile: OnFile = 'denied'): Resolved {
  const { namespace } = core
  const path = plainPath(core, src)
  const components = componentsOf(path)
  let directory = namespace.root
  const last = components.length - 1
  if (last < 0) return { path: '/', inode: directory, ancestor: directory, below: [] }
  for (let i = 0; ; i++) {
    if (!caller.unchecked) checkEnter(caller, directory)
    const child = directory.children?.get(components[i]!)
    if (i === last || child === undefined) {
      return { path, inode: i === last ? child : undefined, ancestor: directory, below: components.slice(i) }
    }
    if (child.kind !== 'directory') {
      const upTo = `/${components.slice(0, i + 1).join('/')}`
      if (child.kind === 'symlink') throw unresolvedLink(upTo)
      if (onFile === 'denied') throw accessControl(`${upTo} (is not a directory)`)
      if (onFile === 'not a parent') throw parentNotDirectory(`${upTo} (is not a directory)`)
      return { path, inode: undefined, ancestor: directory, below: components.slice(i) }
    }
    directory = child
  }
}

/** The path without its reserved prefix and superfluous slashes. */
function plainPath(core: Core, src: string): string {
  if (!src.startsWith('/')) {
    throw assertionError(`Absolute path required, but got '${src}'`)
  }
  const path = src.startsWith(reservedPrefix) ? reservedPath(core, src) : src
  if (path === undefined) throw fileNotFound(`File for given inode path does not exist: ${src}`)
  if (!path.includes('//') && (path.length === 1 || !path.endsWith('/'))) return path
  return `/${path.split('/').filter(Boolean).join('/')}`
}

function reservedPath(core: Core, src: string): string | undefined {
  const id = /^\/\.reserved\/\.inodes\/([^/]+)/.exec(src)?.[1]
  if (id !== undefined && !/^-?\d+$/.test(id)) throw fileNotFound(`Invalid inode path: ${src}`)
  return resolveReserved(core.namespace, src)
}

/** The file at a path; INodeFile.valueOf. */
export function fileOf(inode: INode | undefined, path: string): INodeFile {
  if (inode === undefined) throw fileNotFound(`File does not exist: ${path}`)
  if (inode.kind !== 'file') throw fileNotFound(`Path is not a file: ${path}`)
  return inode
}

/** The node at a path, whatever it is. */
export function existing(inode: INode | undefined, path: string): INode {
  if (inode === undefined) throw fileNotFound(`File does not exist: ${path}`)
  return inode
}

/** A file named by its id when the client knows it (it survives renames), by its path otherwise. */
export function resolveFile(core: Core, caller: Caller, src: string, fileId: number): Resolved {
  if (fileId === 0) return resolve(core, caller, src)
  const inode = core.namespace.inodes.get(fileId)
  if (inode?.parent === undefined) {
    return { path: src, inode: undefined, ancestor: core.namespace.root, below: [] }
  }
  return resolve(core, caller, `/.reserved/.inodes/${fileId}`)
}
