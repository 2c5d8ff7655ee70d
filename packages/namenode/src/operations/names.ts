/** What a new name must be like; FSDirectory.verifyMaxComponentLength and friends. */
import type { Core } from '../core.ts'
import {
  dsQuotaExceeded,
  hadoopIllegalArgument,
  invalidPath,
  ioException,
  maxDirectoryItemsExceeded,
  nsQuotaExceeded,
  pathComponentTooLong,
} from '../java-exceptions.ts'
import type { INodeDirectory } from '../namespace/inode.ts'
import { isValidName, pathOf, reservedPrefix } from '../namespace/path.ts'
import { quotasAbove } from '../namespace/quota.ts'
import { formatBytes } from './format-bytes.ts'

/** Longest path in characters, and deepest in components, that the NameNode takes; HdfsServerConstants. */
export const pathCharactersMax = 8000
export const pathDepthMax = 1000
/** HdfsConstants.DOT_SNAPSHOT_DIR */
export const snapshotName = '.snapshot'

/** Throws InvalidPathException unless the path can name something new; `prefix` is what Java's text begins with. */
export function checkNewPath(src: string, prefix: string): void {
  if (!isValidName(src)) throw invalidPath(`Invalid path name ${prefix}${src}`)
}

/** `/.reserved` can be looked at and nothing else. */
export function checkNotReserved(src: string): void {
  if (src === reservedPrefix) throw invalidPath(`Invalid path name ${src}`)
}

/** Throws when a path is longer or deeper than any may be. */
export function checkPathLength(src: string, method: string): void {
  if (src.length <= pathCharactersMax && depthOf(src) <= pathDepthMax) return
  throw ioException(
    `${method}: Pathname too long.  Limit ${pathCharactersMax} characters, ${pathDepthMax} levels.`,
  )
}

function depthOf(src: string): number {
  let depth = 0
  for (let at = src.indexOf('/'); at >= 0; at = src.indexOf('/', at + 1)) depth++
  return depth
}

/** Throws when a component is too long or reserved, or the directory is full. */
export function checkNewChild(core: Core, parent: INodeDirectory, name: string, path: string): void {
  const { componentBytesMax, directoryItemsMax } = core.settings
  if (name.length * 3 > componentBytesMax) {
    const bytes = utf8Length(name)
    if (bytes > componentBytesMax) {
      throw pathComponentTooLong(
        `The maximum path component name limit of ${name} in directory ${pathOf(parent)} is exceeded: limit=${componentBytesMax} length=${bytes}`,
      )
    }
  }
  if (path === reservedPrefix) {
    throw hadoopIllegalArgument(
      'File name ".reserved" is reserved and cannot be created. If this is during upgrade change the name of the existing file or directory to another name before upgrading to the new release.',
    )
  }
  if (name === snapshotName) throw hadoopIllegalArgument(`"${snapshotName}" is a reserved name.`)
  const count = parent.children?.size ?? 0
  if (count >= directoryItemsMax) {
    throw maxDirectoryItemsExceeded(
      `The directory item limit of ${pathOf(parent)} is exceeded: limit=${directoryItemsMax} items=${count}`,
    )
  }
}

/** Bytes of the name in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** Throws when `names` more names or `space` more bytes below `directory` would exceed a quota above it. */
export function checkQuota(
  core: Core,
  directory: INodeDirectory | undefined,
  names: number,
  space: number,
  upTo?: INodeDirectory,
): void {
  for (const { directory: owner, quota } of quotasAbove(core.namespace, directory)) {
    if (upTo !== undefined && contains(owner, upTo)) return
    const namesAfter = quota.namespaceUsed + names
    if (names > 0 && quota.namespaceQuota >= 0 && namesAfter > quota.namespaceQuota) {
      throw nsQuotaExceeded(
        `The NameSpace quota (directories and files) of directory ${pathOf(owner)} is exceeded: quota=${quota.namespaceQuota} file count=${namesAfter}`,
      )
    }
    const spaceAfter = quota.storageSpaceUsed + space
    if (space > 0 && quota.storageSpaceQuota >= 0 && spaceAfter > quota.storageSpaceQuota) {
      const { storageSpaceQuota: limit } = quota
      throw dsQuotaExceeded(
        `The DiskSpace quota of ${pathOf(owner)} is exceeded: quota = ${limit} B = ${formatBytes(limit)} but diskspace consumed = ${spaceAfter} B = ${formatBytes(spaceAfter)}`,
      )
    }
  }
}

function contains(directory: INodeDirectory, other: INodeDirectory): boolean {
  for (let node: INodeDirectory | undefined = other; node !== undefined; node = node.parent) {
    if (node === directory) return true
  }
  return false
}
