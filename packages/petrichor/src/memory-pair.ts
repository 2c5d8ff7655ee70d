import { Duplex } from 'node:stream'

class MemoryEnd extends Duplex {
  other: MemoryEnd | undefined
  private waiting: (() => void) | undefined

  override _read(): void {
    const { waiting } = this
    this.waiting = undefined
    waiting?.()
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: () => void): void {
    const { other } = this
    if (other === undefined || other.destroyed) callback()
    else if (other.push(chunk)) callback()
    else other.waiting = callback
  }

  override _final(callback: () => void): void {
    this.other?.push(null)
    callback()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const { other } = this
    // What the operating system does with a socket whose process is gone.
    if (other !== undefined && !other.destroyed && !this.writableFinished) setImmediate(() => other.destroy())
    callback(error)
  }
}

/** Two ends of a stream in memory, for tests and for peers in one process; with backpressure, as a socket has it. */
export function memoryPair(): [Duplex, Duplex] {
  const one = new MemoryEnd()
  const two = new MemoryEnd()
  one.other = two
  two.other = one
  return [one, two]
}
