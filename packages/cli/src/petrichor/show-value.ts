import type { Encodable, Value } from '@cairn/tnetstrings'
import { TnsFloat } from '@cairn/tnetstrings'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that bytes are as UTF-8, or undefined. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    // They are no UTF-8: shown in hexadecimal.
    return undefined
  }
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

/** A float keeps its point, so that it can be told from an integer. */
function floatText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** A value as JSON in one line: integers with all digits, bytes that are not UTF-8 as `{"$hex": "00ff"}`. */
export function jsonOf(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof TnsFloat) return floatText(value.value)
  if (value instanceof Uint8Array) {
    const text = textOf(value)
    return text === undefined ? `{"$hex":"${hexOf(value)}"}` : JSON.stringify(text)
  }
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}:${jsonOf(one)}`)
  return `{${entries.join(',')}}`
}

/** A value as a tree, a line for each scalar. */
export function treeOf(value: Value, indent = ''): string {
  const inner = `${indent}  `
  if (value instanceof Uint8Array) {
    const text = textOf(value)
    return text === undefined ? `bytes ${hexOf(value)}\n` : `${JSON.stringify(text)}\n`
  }
  if (Array.isArray(value)) {
    const lines = value.map((one) => `${inner}- ${treeOf(one, inner)}`)
    return `list of ${value.length}\n${lines.join('')}`
  }
  if (value !== null && typeof value === 'object' && !(value instanceof TnsFloat)) {
    const entries = Object.entries(value)
    const lines = entries.map(([key, one]) => `${inner}${JSON.stringify(key)}: ${treeOf(one, inner)}`)
    return `dict of ${entries.length}\n${lines.join('')}`
  }
  return `${jsonOf(value)}\n`
}

/** What JSON says as a value to be sent; `{"$hex": "00ff"}` is bytes. */
export function fromJson(value: unknown): Encodable {
  if (Array.isArray(value)) return value.map(fromJson)
  if (value === null || typeof value !== 'object') return value as Encodable
  const entries = Object.entries(value)
  if (entries.length === 1 && entries[0]![0] === '$hex')
    return new Uint8Array(Buffer.from(String(entries[0]![1]), 'hex'))
  return new Map(entries.map(([key, one]) => [key, fromJson(one)]))
}
