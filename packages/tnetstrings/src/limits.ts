/** What one value from the wire may cost. Checked before memory is claimed, and before a level is entered. */
export interface Limits {
  /** Largest SIZE of the outermost value, bytes. */
  readonly sizeMax: number
  /** Dicts and lists inside each other; a scalar has depth 0, an empty list depth 1. */
  readonly depthMax: number
  /** Values in all, keys not counted. */
  readonly elementsMax: number
  /** Keys of one dict. */
  readonly keysMax: number
  /** Characters of one integer or float: big integers cost more than linear time (CPython stops at 4,300 too). */
  readonly numberBytesMax: number
}

/** Of a Petrichor body, and of a value that stands alone. */
export const bodyLimits: Limits = {
  sizeMax: 16 << 20,
  depthMax: 64,
  elementsMax: 65_536,
  keysMax: 65_536,
  numberBytesMax: 4300,
}

/** Of a Petrichor header. */
export const headerLimits: Limits = {
  sizeMax: 64 << 10,
  depthMax: 16,
  elementsMax: 65_536,
  keysMax: 256,
  numberBytesMax: 4300,
}

/** Digits of a SIZE; tnetstrings.info allows no more. [tns.size.3] */
export const sizeDigitsMax = 9

/** Largest SIZE that can be said with them. */
export const sizeMax = 999_999_999
