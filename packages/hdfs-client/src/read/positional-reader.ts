// read(buffer, 0, length, position) anywhere in a file.
//
//   exact   a request for just these bytes; its connection is good for the next afterwards
//   ahead   when reads follow each other, a stream to the block's end that later reads go on with
//
// A read whose position is at the ahead stream's or a little behind it (`skipBytesMax`) uses that stream: to throw some
// KiB away costs less than another request. All others are exact, so that random reads do not fetch what nobody wants.

import type { ClientContext } from '../client-context.ts'
import { blockLength, type LocatedFile } from './located-file.ts'
import { type FileStream, openStream } from './open-stream.ts'

/** Most bytes thrown away to reach a position in an open stream. */
const skipBytesMax = 64 * 1024

/** Positional reads of one open file. */
export class PositionalReader {
  readonly #context: ClientContext
  readonly #file: LocatedFile
  readonly #signal: AbortSignal | undefined
  #ahead: FileStream | undefined
  #aheadBusy = false
  #lastEnd = -1

  constructor(context: ClientContext, file: LocatedFile, signal: AbortSignal | undefined) {
    this.#context = context
    this.#file = file
    this.#signal = signal
  }

  /** Fills `target` from `position` on; fewer bytes only at the file's end. */
  async read(target: Uint8Array, position: number): Promise<number> {
    const end = Math.min(position + target.length, this.#file.length)
    const follows = position === this.#lastEnd
    this.#lastEnd = end
    let at = position
    while (at < end) {
      const part = target.subarray(at - position, end - position)
      at += await this.#readPart(part, at, follows)
    }
    return Math.max(0, at - position)
  }

  close(): void {
    this.#ahead?.close()
    this.#ahead = undefined
  }

  /** Bytes of one block. */
  async #readPart(target: Uint8Array, position: number, follows: boolean): Promise<number> {
    const ahead = this.#ahead
    if (ahead && !this.#aheadBusy) {
      const distance = position - ahead.position
      if (distance >= 0 && distance <= skipBytesMax && distance < ahead.remaining) {
        return await this.#readAhead(ahead, target, distance)
      }
    }
    const found = this.#file.blockAt(position, { signal: this.#signal })
    const block = found instanceof Promise ? await found : found
    const blockEnd = Math.min(Number(block.offset) + blockLength(block), this.#file.length)
    if (follows && !this.#aheadBusy) {
      this.#ahead?.close()
      const range = { start: position, end: blockEnd }
      this.#ahead = openStream(this.#context, this.#file, block, range, this.#signal)
      return await this.#readAhead(this.#ahead, target, 0)
    }
    const range = { start: position, end: Math.min(position + target.length, blockEnd) }
    const stream = openStream(this.#context, this.#file, block, range, this.#signal)
    try {
      return await readFully(stream, target)
    } finally {
      stream.close()
    }
  }

  async #readAhead(stream: FileStream, target: Uint8Array, skip: number): Promise<number> {
    this.#aheadBusy = true
    try {
      if (skip > 0) await readFully(stream, new Uint8Array(skip))
      const count = await readFully(stream, target)
      if (stream.remaining === 0) this.close()
      return count
    } catch (error) {
      this.close()
      throw error
    } finally {
      this.#aheadBusy = false
    }
  }
}

/** Fills `target`, or what the stream has left of it. */
async function readFully(stream: FileStream, target: Uint8Array): Promise<number> {
  let count = 0
  while (count < target.length && stream.remaining > 0) {
    const result = stream.read(count === 0 ? target : target.subarray(count))
    count += typeof result === 'number' ? result : await result
  }
  return count
}
