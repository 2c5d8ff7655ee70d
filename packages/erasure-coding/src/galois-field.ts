/** x^8 + x^4 + x^3 + x^2 + 1, the polynomial of Hadoop's coders (and of ISA-L, which they may use). */
const polynomial = 0x11d

/** α^n for n below 510 (twice round, so that a sum of two logarithms needs no modulo), and the inverse function. */
const powers = new Uint8Array(510)
const logarithms = new Uint8Array(256)
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
  powers[exponent] = value
  powers[exponent + 255] = value
  logarithms[value] = exponent
  value = value < 0x80 ? value << 1 : (value << 1) ^ polynomial
}

/** The product of two elements of GF(2^8). */
export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powers[logarithms[a]! + logarithms[b]!]!
}

/** The element whose product with `a` is 1; `a` must not be 0. */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError('invert an element of GF(256): found 0')
  return powers[255 - logarithms[a]!]!
}

/** α to the power of `exponent`, from 0 to 254. */
export function powerOfAlpha(exponent: number): number {
  return powers[exponent]!
}
