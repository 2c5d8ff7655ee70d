// One 64-bit number and its two halves in the same memory: the quickest way between bigint and 32-bit arithmetic.
// Nothing here outlives the call that uses it.

/** The number, unsigned. */
export const whole = new BigUint64Array(1)
/** The number, two's complement. */
export const signedWhole = new BigInt64Array(whole.buffer)
/** Its halves, at `lowAt` and `highAt`. */
export const halves = new Uint32Array(whole.buffer)

whole[0] = 1n
/** Which half is the low one depends on the machine's byte order. */
export const lowAt = halves[0] === 1 ? 0 : 1
export const highAt = 1 - lowAt
