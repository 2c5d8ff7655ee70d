import type { ByteWriter } from '@cairn/bytes'
import { outputBytesInitialMax, outputBytesInitialMin } from './limits.ts'

/** Gives the output away; the next begins with as much memory as this one needed, within bounds. */
export function takeOutput(writer: ByteWriter): Uint8Array {
  return writer.take(Math.max(outputBytesInitialMin, Math.min(outputBytesInitialMax, writer.length)))
}

/** Forgets the output. Its memory is used again unless somebody still holds it, or it has grown large. */
export function releaseOutput(writer: ByteWriter, reusable: boolean): void {
  if (reusable && writer.length <= outputBytesInitialMax) writer.clear()
  else takeOutput(writer)
}
