import { connect } from '../connect.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import type { ConnectOptions } from '../settings.ts'
import { HdfsFile } from './hdfs-file.ts'
import { asProtocolException } from './refusal.ts'

/** What a file is opened for, as in Python: to read, to write anew, to write at the end. */
export type FileMode = 'r' | 'w' | 'a'

/**
 * Opens `hdfs://namenode/path` as Python opens files: `r` reads, `w` replaces the file or makes it (and its folders),
 * `a` writes at its end. `rb`, `wb` and `ab` mean the same: contents are bytes. A path without `hdfs://` is one of
 * `fs.defaultFS`. The file has a client of its own, which its `close` ends. Rejects with a ProtocolException of the
 * NameNode's class, NamenodeError, HdfsFileError or HdfsPathError.
 */
export async function open(
  url: string | URL,
  mode: FileMode | `${FileMode}b` = 'r',
  options: ConnectOptions = {},
): Promise<HdfsFile> {
  const name = String(url)
  const found = /^([rwa])b?$/.exec(mode)
  if (!found) throw new TypeError(`open ${name} with mode ${JSON.stringify(mode)}: r, w or a is needed`)
  const kind = found[1] as FileMode
  const client = await connect(name.startsWith('/') ? undefined : url, { ...options, lazy: true })
  try {
    const handle = await client.open(url, kind, { signal: options.signal, createParents: true })
    return new HdfsFile(name, kind, client, handle)
  } catch (error) {
    await client.close()
    throw error instanceof HdfsFileError
      ? asProtocolException(error, `open ${name} to ${verbs[kind]}`)
      : error
  }
}

const verbs: Readonly<Record<FileMode, string>> = { r: 'read', w: 'write', a: 'append' }
