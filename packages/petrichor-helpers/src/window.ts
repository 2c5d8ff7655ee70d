/** Values by key, the oldest of which make room; bounded by their number and by their bytes. [petri.dedupe.4] */
export class Window<T> {
  /** Bytes of all values in it. */
  bytes = 0
  private readonly entries = new Map<string, { readonly value: T; readonly bytes: number }>()
  private readonly countMax: number
  private readonly bytesMax: number

  constructor(countMax: number, bytesMax: number) {
    this.countMax = countMax
    this.bytesMax = bytesMax
  }

  get size(): number {
    return this.entries.size
  }

  get(key: string): T | undefined {
    return this.entries.get(key)?.value
  }

  /** Keeps a value unless it alone is too large; those that came first leave. A key that is there is replaced. */
  set(key: string, value: T, bytes: number): void {
    this.delete(key)
    if (bytes > this.bytesMax) return
    this.entries.set(key, { value, bytes })
    this.bytes += bytes
    while (this.entries.size > this.countMax || this.bytes > this.bytesMax) {
      this.delete(this.entries.keys().next().value!)
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.bytes -= entry.bytes
    this.entries.delete(key)
  }
}
