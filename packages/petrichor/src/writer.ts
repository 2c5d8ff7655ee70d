import { allocate, BackwardWriter, type Encodable, encodeParts } from '@cairn/tnetstrings'
import type { HeaderInit } from './message.ts'

/** Bodies up to this size are copied beside their header; larger ones are sent from where they are. */
export const bodyCopyMax = 8192

const regionBytes = 16 << 10
const slabBytes = 256 << 10
const commaByte = 0x2c

/** Headers are written here from their end and then copied to their place: their length comes first on the wire. */
const scratch = new BackwardWriter()

/** Memory that messages are gathered in. What was handed out is never written again. */
let slab = new Uint8Array(0)
let slabAt = 0

/**
 * Gathers messages that leave together. Small ones share a piece of memory, so that a turn's worth of them is one
 * write; a large body is a piece of its own and never copied. [petri.send.1] [petri.send.2]
 */
export class MessageWriter {
  private parts: Uint8Array[] = []
  private memory: Uint8Array = slab
  private start = 0
  private at = 0
  private end = 0
  /** Bytes that `take` would answer. */
  queuedBytes = 0

  /**
   * Queues a message, with `number` in its header under `key` where one is given. Throws `TnetstringError` with side
   * `local`, and then queues nothing of it.
   */
  add(header: HeaderInit, body: Encodable, key?: string, number?: Encodable): void {
    if (!(body instanceof Uint8Array)) {
      this.addValue(key === undefined ? header : { ...header, [key]: number }, body)
      return
    }
    const { length } = body
    scratch.begin(false)
    try {
      scratch.size(length)
      if (key === undefined) scratch.value(header, 0)
      else scratch.dictAnd(header, key, number!)
    } catch (error) {
      scratch.reset()
      throw error
    }
    const headLength = scratch.end - scratch.at
    const isCopied = length <= bodyCopyMax
    this.room(isCopied ? headLength + length + 1 : headLength)
    this.copyScratch(headLength)
    if (isCopied) {
      this.memory.set(body, this.at)
      this.at += length
    } else {
      this.closePart()
      this.parts.push(body)
      this.room(1)
    }
    this.memory[this.at++] = commaByte
    this.queuedBytes += headLength + length + 1
  }

  /** Everything queued, in order; the caller sends all of it. */
  take(): Uint8Array[] {
    this.closePart()
    // Memory that nobody has asked for behind this piece goes to the next one.
    if (this.memory === slab && slabAt === this.end) slabAt = this.at
    this.start = this.at
    this.end = this.at
    this.queuedBytes = 0
    const { parts } = this
    this.parts = []
    return parts
  }

  private addValue(header: HeaderInit, body: Encodable): void {
    const bodyParts = encodeParts(body)
    const parts = [...encodeParts(header), ...bodyParts]
    for (const part of parts) {
      if (part.length <= bodyCopyMax) {
        this.room(part.length)
        this.memory.set(part, this.at)
        this.at += part.length
      } else {
        this.closePart()
        this.parts.push(part)
      }
      this.queuedBytes += part.length
    }
  }

  private copyScratch(length: number): void {
    const from = scratch.bytes
    const { memory } = this
    let { at } = this
    if (length <= 64) {
      for (let i = scratch.at; i < scratch.end; i++) memory[at++] = from[i]!
    } else {
      memory.set(from.subarray(scratch.at, scratch.end), at)
      at += length
    }
    this.at = at
    scratch.reset()
  }

  private room(bytes: number): void {
    if (this.end - this.at >= bytes) return
    const wanted = Math.max(regionBytes, bytes)
    if (this.memory === slab && slabAt === this.end) {
      // Nobody has taken the memory behind this piece: it grows in place.
      if (this.at + wanted <= slab.length) {
        slabAt = this.at + wanted
        this.end = slabAt
        return
      }
      slabAt = this.at
    }
    this.closePart()
    if (slab.length - slabAt < wanted) {
      slab = allocate(Math.max(slabBytes, wanted))
      slabAt = 0
    }
    this.memory = slab
    this.start = slabAt
    this.at = slabAt
    slabAt += wanted
    this.end = slabAt
  }

  private closePart(): void {
    if (this.at > this.start) this.parts.push(this.memory.subarray(this.start, this.at))
    this.start = this.at
  }
}
