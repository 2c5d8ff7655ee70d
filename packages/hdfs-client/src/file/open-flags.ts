import { HdfsFileError } from '../fs/file-error.ts'

/** What an open file is for. */
export type OpenMode =
  /** Reading; with `truncate` the length may be cut as well (`r+`). */
  | { readonly kind: 'read'; readonly truncate: boolean }
  /** A new file; `exclusive` refuses to replace one. */
  | { readonly kind: 'create'; readonly exclusive: boolean }
  /** Writing at the end; a missing file is created. `exclusive` refuses an existing one. */
  | { readonly kind: 'append'; readonly exclusive: boolean }

const modes: Readonly<Record<string, OpenMode>> = {
  r: { kind: 'read', truncate: false },
  rs: { kind: 'read', truncate: false },
  'r+': { kind: 'read', truncate: true },
  w: { kind: 'create', exclusive: false },
  wx: { kind: 'create', exclusive: true },
  xw: { kind: 'create', exclusive: true },
  a: { kind: 'append', exclusive: false },
  ax: { kind: 'append', exclusive: true },
  xa: { kind: 'append', exclusive: true },
}

/** Flags that Node has and HDFS cannot do: a file is read, or written from its end, not both. */
const unsupported: ReadonlySet<string> = new Set([
  'rs+',
  'sr+',
  'w+',
  'wx+',
  'xw+',
  'a+',
  'ax+',
  'xa+',
  'as',
  'sa',
  'as+',
  'sa+',
])

/** The meaning of Node's open flags; ENOTSUP for those HDFS cannot do. */
export function parseOpenFlags(flags: string, path: string): OpenMode {
  const mode = Object.hasOwn(modes, flags) ? modes[flags] : undefined
  if (mode) return mode
  if (unsupported.has(flags)) {
    const detail = `HDFS cannot read and write a file at once (flags ${flags}); r, r+, w, wx, a, ax are allowed`
    throw new HdfsFileError('ENOTSUP', 'open', { path, detail })
  }
  throw new TypeError(`open ${path} with flags ${JSON.stringify(flags)}: r, r+, w, wx, a, ax are allowed`)
}
