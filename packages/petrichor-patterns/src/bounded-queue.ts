/** What happens to a new item where the queue is full. */
export type WhenFull = 'drop-newest' | 'drop-oldest'

/** A queue that never holds more items or bytes than it may, and says how much it has dropped. [petri.pattern.1] */
export class BoundedQueue<T> {
  /** Items that were dropped since the beginning. */
  dropped = 0
  /** Bytes of the items in it. */
  bytes = 0
  private items: { readonly item: T; readonly bytes: number }[] = []
  private head = 0
  private readonly most: number
  private readonly whenFull: WhenFull
  private readonly bytesMax: number

  constructor(most: number, whenFull: WhenFull = 'drop-newest', bytesMax = Number.POSITIVE_INFINITY) {
    this.most = most
    this.whenFull = whenFull
    this.bytesMax = bytesMax
  }

  get size(): number {
    return this.items.length - this.head
  }

  /** Answers whether the item is in the queue now. */
  push(item: T, bytes = 0): boolean {
    while (this.size >= this.most || this.bytes + bytes > this.bytesMax) {
      this.dropped++
      if (this.whenFull === 'drop-newest' || this.size === 0) return false
      this.shift()
    }
    this.items.push({ item, bytes })
    this.bytes += bytes
    return true
  }

  shift(): T | undefined {
    const entry = this.items[this.head]
    if (entry === undefined) return undefined
    this.head++
    this.bytes -= entry.bytes
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return entry.item
  }
}
