/** Who calls, with what the NameNode knows of them. */
import type { Settings } from '../settings.ts'
import type { GroupsOf } from './groups.ts'

export interface Caller {
  readonly user: string
  readonly groups: ReadonlySet<string>
  readonly superuser: boolean
  /** May do everything: a superuser, and everybody where permissions are off (dfs.permissions.enabled). */
  readonly unchecked: boolean
}

/** How long an answer of the group lookup is used; hadoop.security.groups.cache.secs. */
const callerLifeMs = 300_000
/** Callers remembered at a time. */
const callersMax = 10_000

/** Remembers callers, so that a call costs no group lookup. */
export class Callers {
  readonly #settings: Settings
  readonly #groupsOf: GroupsOf
  readonly #byUser = new Map<string, { readonly caller: Caller; readonly until: number }>()

  constructor(settings: Settings, groupsOf: GroupsOf) {
    this.#settings = settings
    this.#groupsOf = groupsOf
  }

  of(user: string, nowMs: number): Caller {
    const known = this.#byUser.get(user)
    if (known !== undefined && nowMs < known.until) return known.caller
    const groups = new Set(this.#groupsOf(user))
    const superuser = user === this.#settings.superuser || groups.has(this.#settings.supergroup)
    const caller = { user, groups, superuser, unchecked: superuser || !this.#settings.permissions }
    if (this.#byUser.size >= callersMax) this.#byUser.clear()
    this.#byUser.set(user, { caller, until: nowMs + callerLifeMs })
    return caller
  }

  groupsOf(user: string): readonly string[] {
    return this.#groupsOf(user)
  }

  /** Forgets what was looked up (RefreshUserMappingsProtocol). */
  forget(): void {
    this.#byUser.clear()
  }
}
