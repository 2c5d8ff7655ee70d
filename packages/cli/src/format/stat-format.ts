import type { Entry } from '../files/entry.ts'
import { baseName } from '../paths/target.ts'
import { formatMode, formatOctal } from './mode.ts'
import { formatUtcSecond } from './time.ts'

const types = { file: 'regular file', directory: 'directory', symlink: 'symbolic link' } as const

const fields: Readonly<Record<string, (entry: Entry) => string>> = {
  a: (entry) => formatOctal(entry.mode),
  A: (entry) => formatMode(entry.mode),
  b: (entry) => String(entry.size),
  F: (entry) => types[entry.kind],
  g: (entry) => entry.group,
  n: (entry) => baseName(entry.target.path),
  o: (entry) => String(entry.blockSize),
  r: (entry) => String(entry.replication),
  u: (entry) => entry.owner,
  x: (entry) => formatUtcSecond(entry.atimeMs),
  X: (entry) => String(entry.atimeMs),
  y: (entry) => formatUtcSecond(entry.mtimeMs),
  Y: (entry) => String(entry.mtimeMs),
}

/** The format of `hdfs dfs -stat` filled in; `%%`, and a letter that means nothing, come out as the character itself. */
export function formatStat(format: string, entry: Entry): string {
  return format.replace(/%(.)/gsu, (_, letter: string) => fields[letter]?.(entry) ?? letter)
}
