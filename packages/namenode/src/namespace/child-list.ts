/**
 * Children of one directory: looked up by name in constant time, listed in the byte order of their UTF-8 names.
 *
 * The sorted array is made at the first listing and brought up to date at later ones: additions are sorted by
 * themselves and merged, removals are filtered out. A directory that is only written to never sorts.
 */
import type { INode } from './inode.ts'

/** Order of the UTF-8 bytes of two strings, without encoding them. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0
  const end = Math.min(a.length, b.length)
  let i = 0
  while (i < end && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === end) return a.length - b.length
  return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i))
}

/** UTF-16 sorts surrogates (code points from U+10000) before U+E000–U+FFFF, UTF-8 after. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Changes after which sorting anew costs no more than remembering them. */
const changesRemembered = 1000

export class ChildList {
  readonly #byName = new Map<string, INode>()
  #sorted: readonly INode[] | undefined = undefined
  #added: INode[] = []
  readonly #removed = new Set<INode>()

  get size(): number {
    return this.#byName.size
  }

  get(name: string): INode | undefined {
    return this.#byName.get(name)
  }

  /** The caller has made sure that no child has this name. */
  add(inode: INode): void {
    this.#byName.set(inode.name, inode)
    if (this.#sorted === undefined) return
    this.#added.push(inode)
    this.#forgetWhenStale()
  }

  /** To be called before the node's name changes. */
  remove(inode: INode): void {
    this.#byName.delete(inode.name)
    if (this.#sorted === undefined) return
    this.#removed.add(inode)
    this.#forgetWhenStale()
  }

  /** In no particular order. */
  values(): IterableIterator<INode> {
    return this.#byName.values()
  }

  /** In listing order; the array is this list's own, valid until the next change. */
  sorted(): readonly INode[] {
    if (this.#sorted === undefined) {
      this.#sorted = [...this.#byName.values()].sort(byName)
    } else if (this.#added.length > 0 || this.#removed.size > 0) {
      this.#sorted = this.#merge(this.#sorted, this.#added.sort(byName))
      this.#added = []
      this.#removed.clear()
    }
    return this.#sorted
  }

  /** Index in {@link sorted} of the first child whose name comes after `name`. */
  indexAfter(name: string): number {
    const list = this.sorted()
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareUtf8(list[middle]!.name, name) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #forgetWhenStale(): void {
    if (this.#added.length + this.#removed.size <= this.#byName.size + changesRemembered) return
    this.#sorted = undefined
    this.#added = []
    this.#removed.clear()
  }

  #merge(old: readonly INode[], added: readonly INode[]): INode[] {
    const merged: INode[] = []
    let next = 0
    // A node may have been added and removed, or added twice, since the last listing.
    const keepAdded = (inode: INode): void => {
      if (this.#byName.get(inode.name) === inode && merged.at(-1) !== inode) merged.push(inode)
    }
    for (const inode of old) {
      if (this.#removed.has(inode)) continue
      while (next < added.length && compareUtf8(added[next]!.name, inode.name) < 0) keepAdded(added[next++]!)
      merged.push(inode)
    }
    while (next < added.length) keepAdded(added[next++]!)
    return merged
  }
}

function byName(a: INode, b: INode): number {
  return compareUtf8(a.name, b.name)
}
