/** Paths as text; org.apache.hadoop.hdfs.DFSUtil.isValidName and org.apache.hadoop.hdfs.protocol.HdfsConstants. */

import type { INode, INodeDirectory } from './inode.ts'
import type { Namespace } from './namespace.ts'

export const reservedPrefix = '/.reserved'
const inodesPrefix = '/.reserved/.inodes'
const rawPrefix = '/.reserved/raw'

/** Absolute, without empty, `.`, `..` or `:`-carrying components; only the inode form may contain `..`. */
export function isValidName(path: string): boolean {
  if (!path.startsWith('/')) return false
  if (path === '/') return true
  const components = path.split('/')
  const byInode = path.startsWith(`${inodesPrefix}/`)
  // A slash at the end is no component.
  const end = path.endsWith('/') ? components.length - 1 : components.length
  for (let i = 1; i < end; i++) {
    const component = components[i]!
    if (component === '' || component === '.' || component.includes(':')) return false
    if (component === '..' && !(byInode && i === 4)) return false
  }
  return true
}

/** The components of an absolute path without doubled or trailing slashes; none for the root. */
export function componentsOf(path: string): string[] {
  return path === '/' ? [] : path.slice(1).split('/')
}

/** Full path of a node; it must hang in the tree. */
export function pathOf(inode: INode): string {
  if (inode.parent === undefined) return inode.name === '' ? '/' : inode.name
  let path = ''
  for (let node: INode | undefined = inode; node?.parent !== undefined; node = node.parent) {
    path = `/${node.name}${path}`
  }
  return path
}

/** Whether the node is reachable from the root (not deleted). */
export function isLinked(namespace: Namespace, inode: INode): boolean {
  return namespace.inodes.get(inode.id) === inode
}

/**
 * `/.reserved/.inodes/<id>[/rest]` as the path it stands for, `/.reserved/raw/rest` as `/rest`; every other path as
 * it is. Undefined when no node has the id.
 */
export function resolveReserved(namespace: Namespace, path: string): string | undefined {
  if (!path.startsWith('/.r')) return path
  if (path.startsWith(`${rawPrefix}/`)) return path.slice(rawPrefix.length)
  if (path === rawPrefix) return '/'
  if (!path.startsWith(`${inodesPrefix}/`)) return path
  const [idText = '', ...rest] = path.slice(inodesPrefix.length + 1).split('/')
  let inode: INode | undefined = /^\d{1,16}$/.test(idText) ? namespace.inodes.get(Number(idText)) : undefined
  if (rest.length === 1 && rest[0] === '..') {
    inode = inode?.parent
    rest.length = 0
  }
  if (inode === undefined) return undefined
  const base = pathOf(inode)
  return rest.length === 0 ? base : `${base === '/' ? '' : base}/${rest.join('/')}`
}

/** The node at a plain absolute path. */
export function lookup(namespace: Namespace, path: string): INode | undefined {
  let node: INode = namespace.root
  let start = 1
  while (start < path.length) {
    let end = path.indexOf('/', start)
    if (end < 0) end = path.length
    if (node.kind !== 'directory') return undefined
    const child: INode | undefined = node.children?.get(path.slice(start, end))
    if (child === undefined) return undefined
    node = child
    start = end + 1
  }
  return node
}

/** Directory part and last component of a path that is not the root. */
export function splitPath(path: string): { parent: string; name: string } {
  const slash = path.lastIndexOf('/')
  return { parent: slash === 0 ? '/' : path.slice(0, slash), name: path.slice(slash + 1) }
}

/** Whether `directory` is `inode` or lies above it. */
export function isAncestor(directory: INodeDirectory, inode: INode): boolean {
  for (let node: INode | undefined = inode; node !== undefined; node = node.parent) {
    if (node === directory) return true
  }
  return false
}
