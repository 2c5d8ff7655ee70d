import { decodeText } from './text.ts'

const slots = 256
const keyBytesMax = 32

/**
 * Text of keys that came before: peers send the same few again and again. A slot holds the last key that fell into it,
 * so a hostile peer wins nothing but misses.
 */
export class KeyCache {
  private readonly bytes: (Uint8Array | undefined)[] = new Array(slots).fill(undefined)
  private readonly texts: string[] = new Array(slots).fill('')

  /** The key's text, or undefined where it is not UTF-8. */
  text(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start
    if (length > keyBytesMax) return decodeText(bytes, start, end)
    let hash = length
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0
    const slot = (hash ^ (hash >>> 11)) & (slots - 1)
    const known = this.bytes[slot]
    if (known !== undefined && known.length === length && equal(known, bytes, start)) return this.texts[slot]
    const text = decodeText(bytes, start, end)
    if (text !== undefined) {
      this.bytes[slot] = bytes.slice(start, end)
      this.texts[slot] = text
    }
    return text
  }
}

function equal(known: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
