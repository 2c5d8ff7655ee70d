/**
 * Names that an image holds once and numbers everywhere else (`SerialNumberManager`, [image.string.1]). Four maps share one table; the
 * top three of 32 bits say which one an entry belongs to:
 *
 *     | map (0 global, 1 user, 2 group, 3 xattr name) : 3 | id, from 1 : 29 |
 *
 * Id 0 stands for "no name". Ids of users, groups and attribute names must fit the 24 bits that inodes give them.
 * With `maskBits` 0 (images before layout -65) all maps share one run of ids.
 */
import { ProtocolError } from '@cairn/bytes'

/** Bits that say which map an entry is of. */
export const stringTableMaskBits = 3
const idBits = 32 - stringTableMaskBits
/** Largest id that an inode can hold. */
const idMax = (1 << 24) - 1

/** The maps by their number. */
export const stringMaps = { user: 1, group: 2, xattr: 3 } as const

/** Which of the maps. */
export type StringMap = keyof typeof stringMaps

/** One row of the table as stored. */
export interface StringTableEntry {
  readonly id: number
  readonly str: string
}

/** Gives names their ids while an image is written. */
export class StringTableBuilder {
  readonly #ids = {
    user: new Map<string, number>(),
    group: new Map<string, number>(),
    xattr: new Map<string, number>(),
  }

  /** The id of a name, a new one where it has none; 0 for an absent name. */
  id(map: StringMap, name: string | undefined): number {
    if (name === undefined) return 0
    const ids = this.#ids[map]
    const known = ids.get(name)
    if (known !== undefined) return known
    const id = ids.size + 1
    if (id > idMax) {
      throw new ProtocolError(
        'ERR_HSTORAGE_STRING_TABLE',
        `number a ${map} name: found ${id} names; ${idMax} are allowed`,
        {
          side: 'local',
        },
      )
    }
    ids.set(name, id)
    return id
  }

  get size(): number {
    return this.#ids.user.size + this.#ids.group.size + this.#ids.xattr.size
  }

  /** The rows to store. */
  *entries(): Generator<StringTableEntry> {
    for (const map of ['user', 'group', 'xattr'] as const) {
      for (const [str, id] of this.#ids[map]) yield { id: ((stringMaps[map] << idBits) | id) >>> 0, str }
    }
  }
}

/** Finds names by id while an image is read. */
export class StringTable {
  readonly #names = new Map<number, string>()
  readonly #maskBits: number

  constructor(maskBits: number) {
    if (maskBits !== 0 && maskBits !== stringTableMaskBits) {
      throw new ProtocolError(
        'ERR_HSTORAGE_STRING_TABLE',
        `read the string table: found ${maskBits} mask bits; 0 and ${stringTableMaskBits} are known`,
      )
    }
    this.#maskBits = maskBits
  }

  /** Adds one stored row. */
  add(entry: StringTableEntry): void {
    this.#names.set(entry.id >>> 0, entry.str)
  }

  /** The name with an id; undefined for id 0. */
  name(map: StringMap, id: number): string | undefined {
    if (id === 0) return undefined
    const key = this.#maskBits === 0 ? id : ((stringMaps[map] << idBits) | id) >>> 0
    const name = this.#names.get(key)
    if (name === undefined) {
      throw new ProtocolError(
        'ERR_HSTORAGE_STRING_TABLE',
        `find ${map} name ${id}: found no such id in the string table`,
      )
    }
    return name
  }
}
