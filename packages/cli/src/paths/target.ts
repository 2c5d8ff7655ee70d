import { CommandError } from '../errors.ts'

/** A path on a file system, and how the user wrote it. */
export interface Target {
  /** `host:port` or a nameservice; '' is the configured default. */
  readonly authority: string
  /** Absolute and normalised: no `//`, no `.`, no `..`, no `/` at the end but in `/` itself. May still be a pattern. */
  readonly path: string
  /** What messages and listings show: the user's own spelling. */
  readonly shown: string
}

const uri = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/]*)(.*)$/s

/** Reads an operand that names something on HDFS. Relative paths start at `home` (`/user/NAME`). */
export function parseTarget(operand: string, home: string): Target {
  if (operand === '') throw new CommandError("cannot use '' as a path: it is empty", { path: operand })
  const parts = uri.exec(operand)
  if (parts !== null) {
    const [, scheme = '', authority = '', path = ''] = parts
    refuseScheme(scheme, operand)
    return { authority, path: normalize(path === '' ? '/' : path), shown: operand }
  }
  const short = /^(hdfs|file|s3a|viewfs|webhdfs):(\/.*)$/s.exec(operand)
  if (short !== null) {
    refuseScheme(short[1]!, operand)
    return { authority: '', path: normalize(short[2]!), shown: operand }
  }
  const path = operand.startsWith('/') ? operand : `${home}/${operand}`
  return { authority: '', path: normalize(path), shown: operand }
}

/** True for an operand that names its file system itself. */
export function isUri(operand: string): boolean {
  return uri.test(operand)
}

function refuseScheme(scheme: string, operand: string): void {
  if (scheme.toLowerCase() === 'hdfs') return
  throw new CommandError(`cannot reach '${operand}': ${scheme}: is not a file system that cairn speaks`, {
    hint: 'use hdfs://HOST:PORT/PATH, or a plain path for the local side of put and get',
    path: operand,
  })
}

/** Absolute path without `//`, `.`, `..` and a `/` at the end, as Java's `Path` makes it. */
export function normalize(path: string): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..') names.pop()
    else names.push(name)
  }
  return `/${names.join('/')}`
}

/** The target one name further down. */
export function childOf(target: Target, name: string): Target {
  return {
    authority: target.authority,
    path: joinPath(target.path, name),
    shown: joinPath(target.shown, name),
  }
}

/** `directory/name`, with one slash between them. */
export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`
}

/** The last name of a path; '' for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The directory that a path lies in; the root lies in itself. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** True when `path` is `directory` or lies somewhere under it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(joinPath(directory, ''))
}
