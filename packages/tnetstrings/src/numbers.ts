const digit0 = 0x30
const minus = 0x2d
const plus = 0x2b
const point = 0x2e

/**
 * Reads `[+-]?[0-9]+`, strictly `0|-?[1-9][0-9]*`: a number where that is exact, else a BigInt. Where the first wrong
 * byte is, `wrongAt` says afterwards. [tns.integer.1] [tns.integer.2] [tns.integer.3]
 */
export function parseInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
  strict: boolean,
): number | bigint {
  wrongAt = -1
  let at = start
  const first = bytes[at]!
  const isNegative = first === minus
  if (at < end && (isNegative || first === plus)) at++
  const digits = at
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - digit0
    if (digit < 0 || digit > 9) return wrong(at)
    value = value * 10 + digit
  }
  if (at === digits) return wrong(at)
  if (strict) {
    if (first === plus) return wrong(start)
    if (bytes[digits] === digit0 && (end - digits > 1 || isNegative)) return wrong(digits)
  }
  // Of at most 15 digits every step was exact, and -0 is 0.
  if (end - digits <= 15) return isNegative ? 0 - value : value
  const exact = BigInt(ascii(bytes, digits, end))
  const signed = isNegative ? -exact : exact
  const near = Number(signed)
  return Number.isSafeInteger(near) ? near : signed
}

/**
 * Reads `[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`; strictly without `+` in front and without leading zeros. What is
 * beyond the range of a double is wrong, as `nan` and `inf` are. [tns.float.1] [tns.float.2] [tns.float.3]
 */
export function parseFloat64(bytes: Uint8Array, start: number, end: number, strict: boolean): number {
  wrongAt = -1
  let at = start
  if (at < end && (bytes[at] === minus || bytes[at] === plus)) at++
  if (strict && bytes[start] === plus) return wrong(start)
  const digits = at
  at = skipDigits(bytes, at, end)
  if (at === digits) return wrong(at)
  if (strict && at - digits > 1 && bytes[digits] === digit0) return wrong(digits)
  if (at < end && bytes[at] === point) {
    const fraction = at + 1
    at = skipDigits(bytes, fraction, end)
    if (at === fraction) return wrong(at)
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++
    if (at < end && (bytes[at] === minus || bytes[at] === plus)) at++
    const exponent = at
    at = skipDigits(bytes, exponent, end)
    if (at === exponent) return wrong(at)
  }
  if (at < end) return wrong(at)
  const value = Number(ascii(bytes, start, end))
  return Number.isFinite(value) ? value : wrong(start)
}

/** After `parseInteger` and `parseFloat64`: the index of the first wrong byte, or -1. */
export let wrongAt = -1

function wrong(at: number): number {
  wrongAt = at
  return 0
}

function skipDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at]! >= digit0 && bytes[at]! <= digit0 + 9) at++
  return at
}

/** At most `numberBytesMax` characters. */
function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[])
}
