import { TnetstringError } from './errors.ts'
import { FrameBuffer } from './frames.ts'
import { type DecodeOptions, ValueParser } from './parser.ts'
import type { Value } from './value.ts'

/**
 * Reads a sequence of values from bytes that come in any pieces: `push` what came, then `next` until it answers
 * `undefined`; `end` when no more will come. After an error the decoder is of no more use.
 *
 * Bytes in values are views of what was pushed, so a small one may keep a large chunk alive.
 */
export class TnetstringDecoder {
  private readonly frames = new FrameBuffer()
  private readonly parser: ValueParser

  constructor(options: DecodeOptions = {}) {
    this.parser = new ValueParser(options)
  }

  /** Bytes that were pushed and are not part of a value that `next` has answered. */
  get buffered(): number {
    return this.frames.buffered
  }

  /** Bytes of all values answered so far. */
  get position(): number {
    return this.frames.position
  }

  /** Takes bytes over; they must not change as long as values made of them are in use. */
  push(chunk: Uint8Array): void {
    this.frames.push(chunk)
  }

  /** The next value; `undefined` (never a value) until more bytes come. Throws `TnetstringError`. */
  next(): Value | undefined {
    const { frames, parser } = this
    if (!frames.next(parser.sizeMax)) return undefined
    return parseFrame(frames, parser)
  }

  /** Says that no more bytes will come. Throws where that is within a value. */
  end(): void {
    this.frames.end()
  }
}

/** Reads the value that `frames.next()` found. */
export function parseFrame(frames: FrameBuffer, parser: ValueParser): Value {
  const value = parser.parse(frames.bytes, frames.dataStart, frames.dataEnd, frames.base)
  frames.forget()
  return value
}

/** Reads exactly one value. Throws `TnetstringError`, also where bytes follow it. */
export function decode(bytes: Uint8Array, options?: DecodeOptions): Value {
  const decoder = new TnetstringDecoder(options)
  decoder.push(bytes)
  const value = decoder.next()
  if (value === undefined) {
    decoder.end()
    throw new TnetstringError('ERR_TNS_TRUNCATED', 'cannot read a value: there are no bytes', 0)
  }
  if (decoder.buffered > 0)
    throw new TnetstringError('ERR_TNS_TRAILING', 'cannot read one value: more follows it', decoder.position)
  return value
}
