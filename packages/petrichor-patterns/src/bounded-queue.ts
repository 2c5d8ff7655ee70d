/** What happens to a new item where the queue is full. */
export type WhenFull = 'drop-newest' | 'drop-oldest'

/** A queue that never holds more than it may, and says how much it has dropped. [petri.pattern.1] */
export class BoundedQueue<T> {
  /** Items that were dropped since the beginning. */
  dropped = 0
  private items: T[] = []
  private head = 0
  private readonly most: number
  private readonly whenFull: WhenFull

  constructor(most: number, whenFull: WhenFull = 'drop-newest') {
    this.most = most
    this.whenFull = whenFull
  }

  get size(): number {
    return this.items.length - this.head
  }

  get isFull(): boolean {
    return this.size >= this.most
  }

  /** Answers whether the item is in the queue now. */
  push(item: T): boolean {
    if (this.isFull) {
      this.dropped++
      if (this.whenFull === 'drop-newest' || this.most === 0) return false
      this.shift()
    }
    this.items.push(item)
    return true
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined
    const item = this.items[this.head]
    this.head++
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }
}
