import type { Stats } from 'node:fs'
import { chmod, readFile, utimes } from 'node:fs/promises'
import type { HdfsClient } from '@cairn/hdfs-client'
import { codeOf } from '../errors.ts'
import type { Entry } from '../files/entry.ts'

/** Gives a file on HDFS the times, mode, and where the user may, owner and group of a local one. */
export async function preserveOnHdfs(
  client: HdfsClient,
  path: string,
  stats: Stats,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const names = await accountNames()
  await client.chmod(path, stats.mode & 0o777, { signal })
  await chownWhereAllowed(client, path, names.users.get(stats.uid), names.groups.get(stats.gid), signal)
  await client.utimes(path, stats.atime, stats.mtime, { signal })
}

/** Gives a file on HDFS everything that another one has. */
export async function preserveEntry(
  client: HdfsClient,
  path: string,
  entry: Entry,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  await client.chmod(path, entry.mode, { signal })
  await chownWhereAllowed(client, path, entry.owner, entry.group, signal)
  const atime = entry.kind === 'file' ? new Date(entry.atimeMs) : undefined
  await client.utimes(path, atime, new Date(entry.mtimeMs), { signal })
}

/** Gives a local file the times and mode of one on HDFS. */
export async function preserveLocally(path: string, entry: Entry): Promise<void> {
  await chmod(path, entry.mode & 0o777)
  const mtime = new Date(entry.mtimeMs)
  await utimes(path, entry.kind === 'file' ? new Date(entry.atimeMs) : mtime, mtime)
}

async function chownWhereAllowed(
  client: HdfsClient,
  path: string,
  owner: string | undefined,
  group: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (owner === undefined && group === undefined) return
  try {
    await client.chown(path, owner, group, { signal })
  } catch (error) {
    // Only the superuser gives files away; as with `cp -p`, everybody else keeps them.
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error
  }
}

interface AccountNames {
  readonly users: ReadonlyMap<number, string>
  readonly groups: ReadonlyMap<number, string>
}

let known: Promise<AccountNames> | undefined

/** Names of local users and groups by number, of /etc/passwd and /etc/group; empty where there are no such files. */
function accountNames(): Promise<AccountNames> {
  known ??= Promise.all([namesOf('/etc/passwd'), namesOf('/etc/group')]).then(([users, groups]) => ({
    users,
    groups,
  }))
  return known
}

async function namesOf(file: string): Promise<ReadonlyMap<number, string>> {
  // Windows has no such file, and then there are no names to keep.
  const text = await readFile(file, 'utf8').catch(() => '')
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':')
    if (name && id && /^\d+$/.test(id)) names.set(Number(id), name)
  }
  return names
}
