/**
 * Things looked up by ids that are handed out one after the other (inodes, blocks).
 *
 * Ids are dense, so pages of an array cost eight bytes an entry where a hash map costs fifty; a page is dropped
 * when its last entry goes.
 */
const pageBits = 9
const pageSize = 1 << pageBits

interface Page<T> {
  readonly slots: (T | undefined)[]
  used: number
}

export class IdTable<T> {
  readonly #pages = new Map<number, Page<T>>()
  #size = 0
  #lastNumber = -1
  #lastPage: Page<T> | undefined = undefined

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#page(Math.floor(id / pageSize))?.slots[slotOf(id)]
  }

  set(id: number, value: T): void {
    const number = Math.floor(id / pageSize)
    let page = this.#page(number)
    if (page === undefined) {
      page = { slots: new Array<T | undefined>(pageSize).fill(undefined), used: 0 }
      this.#pages.set(number, page)
      this.#lastNumber = number
      this.#lastPage = page
    }
    const slot = slotOf(id)
    if (page.slots[slot] === undefined) {
      page.used++
      this.#size++
    }
    page.slots[slot] = value
  }

  delete(id: number): void {
    const number = Math.floor(id / pageSize)
    const page = this.#page(number)
    const slot = slotOf(id)
    if (page === undefined || page.slots[slot] === undefined) return
    page.slots[slot] = undefined
    page.used--
    this.#size--
    if (page.used > 0) return
    this.#pages.delete(number)
    this.#lastNumber = -1
    this.#lastPage = undefined
  }

  *values(): Generator<T> {
    for (const page of this.#pages.values()) {
      for (const value of page.slots) if (value !== undefined) yield value
    }
  }

  #page(number: number): Page<T> | undefined {
    if (number === this.#lastNumber) return this.#lastPage
    const page = this.#pages.get(number)
    if (page !== undefined) {
      this.#lastNumber = number
      this.#lastPage = page
    }
    return page
  }
}

/** Ids may be negative (striped block groups): the floor modulus stays within the page. */
function slotOf(id: number): number {
  return id - Math.floor(id / pageSize) * pageSize
}
