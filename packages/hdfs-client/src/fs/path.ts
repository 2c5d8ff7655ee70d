/** Longest path sent, in characters, and most parts of one; `dfs` NameNodes refuse more (DFSUtil, FSDirectory). */
import { pathCharactersMax } from '../limits.ts'
import { defaultRpcPort } from '../namenode/target.ts'

/** A path that no request was sent for: relative, of another cluster, too long. */
export class HdfsPathError extends TypeError {
  override readonly name = 'HdfsPathError'
  readonly code: 'ERR_HDFS_PATH' | 'ERR_HDFS_WRONG_CLUSTER'
  readonly path: string

  constructor(code: HdfsPathError['code'], path: string, message: string) {
    super(message)
    this.code = code
    this.path = path
  }
}

/** What file functions take: `/a/b`, `hdfs://authority/a/b`, or such a URL. */
export type PathLike = string | URL

/**
 * The absolute path without `.`, `..`, doubled or final slashes. Strings are taken as they are, as in Java's Path;
 * the pathname of a URL object is percent-decoded. `authority` is that of the client.
 */
export function normalizePath(path: PathLike, authority: string): string {
  const text = typeof path === 'string' ? path : textOfUrl(path)
  const local = text.charCodeAt(0) === slash ? text : localPart(text, authority)
  if (local.length > pathCharactersMax) {
    throw new HdfsPathError(
      'ERR_HDFS_PATH',
      local,
      `use a path of ${local.length} characters: HDFS allows ${pathCharactersMax}`,
    )
  }
  if (local.includes('\0')) {
    throw new HdfsPathError(
      'ERR_HDFS_PATH',
      local,
      `use the path ${JSON.stringify(local)}: found a zero byte`,
    )
  }
  return isNormal(local) ? local : resolveDots(local)
}

const slash = 0x2f

function isNormal(path: string): boolean {
  return !path.includes('//') && !path.includes('/.') && path.charCodeAt(path.length - 1) !== slash
}

function resolveDots(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function textOfUrl(url: URL): string {
  return `${url.protocol}//${url.host}${decodeURIComponent(url.pathname)}`
}

function localPart(text: string, authority: string): string {
  const found = /^hdfs:\/\/([^/]*)(\/.*)?$/is.exec(text)
  if (!found) {
    throw new HdfsPathError(
      'ERR_HDFS_PATH',
      text,
      `use the path ${JSON.stringify(text)}: an absolute path such as /a/b or hdfs://${authority}/a/b is needed`,
    )
  }
  const named = found[1]!.toLowerCase()
  const here = authority.toLowerCase()
  if (named !== '' && named !== here && `${named}:${defaultRpcPort}` !== here) {
    throw new HdfsPathError(
      'ERR_HDFS_WRONG_CLUSTER',
      text,
      `use the path ${JSON.stringify(text)}: this client is connected to hdfs://${authority}`,
    )
  }
  return found[2] ?? '/'
}

/** The path's folder; `/` for `/`. */
export function parentPath(path: string): string {
  const at = path.lastIndexOf('/')
  return at <= 0 ? '/' : path.slice(0, at)
}

/** The path's last part; empty for `/`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** `folder` and `name` with one slash between. */
export function joinPath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}
