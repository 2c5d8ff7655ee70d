/** Binary prefixes of Hadoop's StringUtils.TraditionalBinaryPrefix, as powers of 1024. */
const bytePrefixes = 'kmgtpe'

const millisecondsOfUnit = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const

/** A suffix of Hadoop's time values. */
export type TimeUnit = keyof typeof millisecondsOfUnit

/** `128m` → 134217728; undefined when the text is no size within ±2^53. */
export function parseBytes(text: string): number | undefined {
  const found = /^([+-]?\d+)([kmgtpe])?$/i.exec(text.trim())
  if (!found) return undefined
  const prefix = found[2]?.toLowerCase()
  const bytes = Number(found[1]) * 1024 ** (prefix ? bytePrefixes.indexOf(prefix) + 1 : 0)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `30s` → 30000 milliseconds; a bare number is in `unit`. Undefined when the text is no duration. */
export function parseDurationMs(text: string, unit: TimeUnit): number | undefined {
  const found = /^([+-]?\d+)\s*(ns|us|ms|s|m|h|d)?$/i.exec(text.trim())
  if (!found) return undefined
  const suffix = (found[2]?.toLowerCase() ?? unit) as TimeUnit
  const milliseconds = Number(found[1]) * millisecondsOfUnit[suffix]
  return Math.abs(milliseconds) <= Number.MAX_SAFE_INTEGER ? milliseconds : undefined
}

/** Decimal or `0x` hexadecimal, as Configuration.getInt takes; undefined when the text is no safe integer. */
export function parseInteger(text: string): number | undefined {
  const found = /^([+-]?)(0x[0-9a-f]+|\d+)$/i.exec(text.trim())
  if (!found) return undefined
  const value = Number(found[2]) * (found[1] === '-' ? -1 : 1)
  return Number.isSafeInteger(value) ? value : undefined
}
