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

/** Gives a file on HDFS what another one has, by Java's letters: `t`imes, `o`wnership, `p`ermission, `a`cl, `x`attrs. */
export async function preserveEntry(
  from: HdfsClient,
  to: HdfsClient,
  path: string,
  entry: Entry,
  letters: string,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const source = entry.target.path
  if (/[pa]/.test(letters)) await to.chmod(path, entry.mode, { signal })
  if (letters.includes('o')) await chownWhereAllowed(to, path, entry.owner, entry.group, signal)
  if (letters.includes('a') && entry.hasAcl) {
    const { result } = await from.call('getAclStatus', { src: source }, { signal })
    await to.call('setAcl', { src: path, aclSpec: fullAcl(entry.mode, result.entries) }, { signal })
  }
  if (letters.includes('x')) {
    const { xAttrs } = await from.call('getXAttrs', { src: source, xAttrs: [] }, { signal })
    const createOrReplace = 3
    for (const xAttr of xAttrs)
      await to.call('setXAttr', { src: path, xAttr, flag: createOrReplace }, { signal })
  }
  if (!letters.includes('t')) return
  const atime = entry.kind === 'file' ? new Date(entry.atimeMs) : undefined
  await to.utimes(path, atime, new Date(entry.mtimeMs), { signal })
}

/** AclEntryProto. */
interface AclEntry {
  readonly type: number
  readonly scope: number
  readonly permissions: number
  readonly name?: string | undefined
}
/** Numbers of AclEntryScopeProto and AclEntryTypeProto. */
const aclScopes = { ACCESS: 0, DEFAULT: 1 } as const
const aclTypes = { USER: 0, GROUP: 1, MASK: 2, OTHER: 3 } as const

/** The entries that a server leaves to the mode, and those that it tells: AclUtil.getAclFromPermAndEntries. */
function fullAcl(mode: number, told: readonly AclEntry[]): AclEntry[] {
  const { ACCESS, DEFAULT } = aclScopes
  const { USER, GROUP, MASK, OTHER } = aclTypes
  const access = told.filter(({ scope }) => scope === ACCESS)
  const implied = (type: number, permissions: number): AclEntry => ({ type, scope: ACCESS, permissions })
  return [
    implied(USER, (mode >> 6) & 7),
    ...access,
    implied(access.length > 0 ? MASK : GROUP, (mode >> 3) & 7),
    implied(OTHER, mode & 7),
    ...told.filter(({ scope }) => scope === DEFAULT),
  ]
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
