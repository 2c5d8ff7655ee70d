import type { Encodable } from './value.ts'
import { BackwardWriter } from './writer.ts'

/** One for all: what it hands out is never written to again. */
const shared = new BackwardWriter()
let isWriting = false

/** A value as bytes in one piece. Throws `TnetstringError` with `ERR_TNS_VALUE`. */
export function encode(value: Encodable): Uint8Array {
  const parts = encodeParts(value)
  if (parts.length === 1) return parts[0]!
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/**
 * A value as pieces to be sent one after the other. Bytes of 4 KiB and more in it are pieces of their own, not copied:
 * they must not change before they are sent. [tns.write.1]
 */
export function encodeParts(value: Encodable): Uint8Array[] {
  // A getter of the value may itself encode something.
  const writer = isWriting ? new BackwardWriter() : shared
  const wasWriting = isWriting
  isWriting = true
  writer.begin(true)
  try {
    writer.value(value, 0)
  } catch (error) {
    // What was begun must not stand in front of the next value.
    writer.takeParts()
    throw error
  } finally {
    isWriting = wasWriting
  }
  return writer.takeParts()
}
