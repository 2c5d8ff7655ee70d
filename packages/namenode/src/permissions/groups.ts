/**
 * Which groups a user is in, resolved on the NameNode; org.apache.hadoop.security.Groups.
 *
 * The machine's group file is parsed; no program is started for it, so that no user name ever reaches a shell.
 */
import { readFileSync, statSync } from 'node:fs'

/** Groups of a user, the primary one first; empty when none are known. */
export type GroupsOf = (user: string) => readonly string[]

/** Groups from a fixed table, and for users that are not in it from `otherwise`. */
export function staticGroups(
  table: Readonly<Record<string, readonly string[]>>,
  otherwise: GroupsOf = () => [],
): GroupsOf {
  const known = new Map(Object.entries(table))
  return (user) => known.get(user) ?? otherwise(user)
}

/** Groups from files in the format of `/etc/passwd` and `/etc/group`, read again when they change. */
export function systemGroups(
  files: { readonly passwd: string; readonly group: string } = { passwd: '/etc/passwd', group: '/etc/group' },
): GroupsOf {
  let version = ''
  let groupsByUser = new Map<string, readonly string[]>()
  return (user) => {
    const current = versionOf(files.passwd) + versionOf(files.group)
    if (current !== version) {
      groupsByUser = parseGroups(readText(files.passwd), readText(files.group))
      version = current
    }
    return groupsByUser.get(user) ?? []
  }
}

/** Groups by user from the texts of a passwd and a group file. */
export function parseGroups(passwd: string, group: string): Map<string, readonly string[]> {
  const nameOfId = new Map<string, string>()
  const groups = new Map<string, string[]>()
  const rows = group.split('\n').map((line) => line.split(':'))
  for (const [name, , id] of rows) if (name !== undefined && id !== undefined) nameOfId.set(id, name)
  for (const [user, , , groupId] of passwd.split('\n').map((line) => line.split(':'))) {
    const primary = groupId === undefined ? undefined : nameOfId.get(groupId)
    if (user !== undefined && primary !== undefined) groups.set(user, [primary])
  }
  for (const [name, , , members] of rows) {
    for (const user of members?.split(',') ?? []) {
      if (user === '' || name === undefined) continue
      const known = groups.get(user)
      if (known === undefined) groups.set(user, [name])
      else if (!known.includes(name)) known.push(name)
    }
  }
  return groups
}

/** Changes when the file does; '' for a file that is not there (no system groups, as on Windows). */
function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${file}:${stat.mtimeMs}:${stat.size};`
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Unreadable is as good as absent: the user then is in no group.
    return ''
  }
}
