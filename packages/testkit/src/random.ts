/** A seeded generator of numbers in [0, 1): the same seed gives the same test run on every machine. */
export type Random = () => number

/** Small and fast, good enough to choose test cases (a 32-bit mixing counter). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 0x1_0000_0000
  }
}

/** A whole number in [0, below). */
export function randomInteger(random: Random, below: number): number {
  return Math.floor(random() * below)
}

export function randomBytes(random: Random, count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  for (let index = 0; index < count; index++) bytes[index] = Math.floor(random() * 256)
  return bytes
}

/** The file content of every capture: `byte[i] = (i*31 + (i>>8)*7) & 255`. Equal files have equal bytes anywhere. */
export function patternBytes(count: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(count)
  for (let index = 0; index < count; index++) {
    const at = from + index
    bytes[index] = (at * 31 + Math.floor(at / 256) * 7) & 255
  }
  return bytes
}
