const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes that are all ASCII as text; Node's buffers do that without a view and without a check of their own. */
const nodeLatin1: ((this: Uint8Array, start: number, end: number) => string) | undefined = (
  globalThis as { Buffer?: { prototype: { latin1Slice?: (start: number, end: number) => string } } }
).Buffer?.prototype.latin1Slice

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  if (nodeLatin1 !== undefined) return nodeLatin1.call(bytes, start, end)
  if (end - start > 1024) return decoder.decode(bytes.subarray(start, end))
  return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[])
}

/** The text that these bytes are as UTF-8, or undefined where they are none. A byte order mark is a character. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length < 5) {
    // One call with as many arguments as characters is a third of what a call into Node costs.
    if (length === 0) return ''
    const a = bytes[start]!
    const b = length > 1 ? bytes[start + 1]! : 0
    const c = length > 2 ? bytes[start + 2]! : 0
    const d = length > 3 ? bytes[start + 3]! : 0
    if ((a | b | c | d) < 0x80) {
      if (length === 1) return String.fromCharCode(a)
      if (length === 2) return String.fromCharCode(a, b)
      if (length === 3) return String.fromCharCode(a, b, c)
      return String.fromCharCode(a, b, c, d)
    }
  } else {
    let seen = 0
    for (let at = start; at < end; at++) seen |= bytes[at]!
    if (seen < 0x80) return asciiText(bytes, start, end)
  }
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch {
    // Not UTF-8: the caller says what that means.
    return undefined
  }
}

/** Bytes of a text as UTF-8, or -1 where it has half a surrogate pair, which UTF-8 cannot say. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x80) continue
    if (code < 0x800) length += 1
    else if (code < 0xd800 || code > 0xdfff) length += 2
    else {
      const next = text.charCodeAt(at + 1)
      if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1
      length += 2
      at++
    }
  }
  return length
}
