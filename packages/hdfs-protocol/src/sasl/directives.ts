/**
 * The text of DIGEST-MD5 messages (RFC 2831, section 7.1): `name=value` or `name="quoted value"`, with commas between.
 * Values are kept as bytes: which character set they have is itself a directive.
 */
import { ProtocolError } from '@cairn/bytes'
import { digestBytesMax } from './limits.ts'

/** Values by name, names in lower case; `realm` may come several times. */
export type Directives = ReadonlyMap<string, readonly Uint8Array[]>

const comma = 0x2c
const equals = 0x3d
const quote = 0x22
const backslash = 0x5c

const textDecoder = new TextDecoder('utf-8', { fatal: true })
const textEncoder = new TextEncoder()

/** Parses a challenge or response; what is none, or says something twice, is a `ProtocolError` [sasl.digest.1]. */
export function parseDirectives(bytes: Uint8Array): Directives {
  if (bytes.length > digestBytesMax) {
    throw malformed(`${bytes.length} bytes; at most ${digestBytesMax} are allowed`, 0)
  }
  const found = new Map<string, Uint8Array[]>()
  let at = skipSpace(bytes, 0)
  while (at < bytes.length) {
    if (bytes[at] === comma) {
      at = skipSpace(bytes, at + 1)
      continue
    }
    const nameStart = at
    while (at < bytes.length && isNameByte(bytes[at]!)) at++
    const name = String.fromCharCode(...bytes.subarray(nameStart, at)).toLowerCase()
    at = skipSpace(bytes, at)
    if (name === '' || bytes[at] !== equals) throw malformed('no name and "="', at)
    const value = readValue(bytes, skipSpace(bytes, at + 1))
    at = skipSpace(bytes, value.end)
    if (at < bytes.length && bytes[at] !== comma) throw malformed('no comma behind a value', at)
    const values = found.get(name)
    if (values === undefined) found.set(name, [value.bytes])
    else if (name === 'realm') values.push(value.bytes)
    else throw malformed(`"${name}" twice`, nameStart)
  }
  return found
}

function readValue(bytes: Uint8Array, start: number): { bytes: Uint8Array; end: number } {
  if (bytes[start] !== quote) {
    let end = start
    while (end < bytes.length && bytes[end] !== comma && !isSpace(bytes[end]!)) end++
    if (end === start) throw malformed('a name without a value', start)
    return { bytes: bytes.slice(start, end), end }
  }
  const value: number[] = []
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === quote) return { bytes: Uint8Array.from(value), end: at + 1 }
    if (bytes[at] === backslash) at++
    if (at < bytes.length) value.push(bytes[at]!)
  }
  throw malformed('a quoted value without an end', start)
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a
}

function isNameByte(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && byte !== comma && byte !== equals && byte !== quote
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && isSpace(bytes[at]!)) at++
  return at
}

function malformed(found: string, offset: number): ProtocolError {
  return new ProtocolError('ERR_SASL_DIRECTIVE', `read a message of DIGEST-MD5: found ${found}`, { offset })
}

/** The only value of a directive as text, or undefined when it is not there. */
export function textOf(directives: Directives, name: string): string | undefined {
  const value = directives.get(name)?.[0]
  if (value === undefined) return undefined
  try {
    return textDecoder.decode(value)
  } catch (cause) {
    throw new ProtocolError('ERR_SASL_DIRECTIVE', `read "${name}" of DIGEST-MD5: found no UTF-8`, { cause })
  }
}

/** Like `textOf`, for what must be there. */
export function requiredText(directives: Directives, name: string): string {
  const value = textOf(directives, name)
  if (value !== undefined) return value
  throw new ProtocolError('ERR_SASL_DIRECTIVE', `read a message of DIGEST-MD5: found no "${name}"`)
}

/** Directives as bytes, in the order given; names in `plain` go without quotes. */
export function writeDirectives(
  directives: readonly (readonly [name: string, value: string | undefined])[],
  plain: ReadonlySet<string>,
): Uint8Array {
  const parts: string[] = []
  for (const [name, value] of directives) {
    if (value === undefined) continue
    parts.push(plain.has(name) ? `${name}=${value}` : `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`)
  }
  return textEncoder.encode(parts.join(','))
}
