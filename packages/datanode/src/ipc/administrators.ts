import { readFileSync } from 'node:fs'

export interface AdministratorsOptions {
  /** `dfs.permissions.enabled`: without permissions everybody may do everything. */
  readonly permissions: boolean
  /** The user that the DataNode runs as. */
  readonly owner: string
  /** `dfs.permissions.superusergroup`. */
  readonly supergroup: string
  /** Members of a group of this machine. Default: those of `/etc/group`. */
  membersOf?(group: string): readonly string[]
}

/** Who may run the node: its own user and the members of the supergroup, as `DataNode.checkSuperuserPrivilege`. */
export class Administrators {
  readonly #options: AdministratorsOptions

  constructor(options: AdministratorsOptions) {
    this.#options = options
  }

  has(user: string): boolean {
    const { permissions, owner, supergroup, membersOf = systemMembersOf } = this.#options
    return !permissions || user === owner || membersOf(supergroup).includes(user)
  }
}

/** Read at every question: it is asked by hand, and groups change. No shell is asked: names come from the network. */
function systemMembersOf(group: string): readonly string[] {
  let text: string
  try {
    text = readFileSync('/etc/group', 'utf8')
  } catch {
    return []
  }
  for (const line of text.split('\n')) {
    const [name, , , members = ''] = line.split(':')
    if (name === group) return members.split(',').filter((member) => member !== '')
  }
  return []
}
