import { TnetstringError, type TnetstringErrorCode } from './errors.ts'
import { KeyCache } from './key-cache.ts'
import { bodyLimits, type Limits, sizeDigitsMax } from './limits.ts'
import { parseFloat64, parseInteger, wrongAt } from './numbers.ts'
import { decodeText } from './text.ts'
import { type Dict, TnsFloat, type Value } from './value.ts'

/** How values are read. */
export interface DecodeOptions {
  /** Limits that differ from `bodyLimits`. */
  readonly limits?: Partial<Limits>
  /** Rejects what is never written though it can be read: `007`, `+7`, `-0`, `+1.5`, `01.5`. Default false. */
  readonly strict?: boolean
  /**
   * `bytes` (default): every string is a view of the input. `text`: what is UTF-8 is a string and the rest stays bytes;
   * nothing is ever replaced.
   */
  readonly strings?: 'bytes' | 'text'
  /** `number` (default), or `wrapped`: a `TnsFloat`, so that writing it again gives `^` and not `#`. */
  readonly floats?: 'number' | 'wrapped'
}

const comma = 0x2c
const hash = 0x23
const caret = 0x5e
const exclamation = 0x21
const tilde = 0x7e
const brace = 0x7d
const bracket = 0x5d
const colon = 0x3a
const digit0 = 0x30

/** Keys of the last outermost dict with the bytes of each, SIZE and TYPE too: most headers repeat the one before. */
interface Shape {
  readonly names: readonly string[]
  readonly wire: readonly Uint8Array[]
}
const shapeKeysMax = 32
/** Longer keys are not remembered: a peer must not make each of its connections keep them. */
const shapeKeyBytesMax = 64
const nothing = new Uint8Array(0)
/** One for all parsers: thousands of connections must not have one each. */
const sharedKeys = new KeyCache()

const noShape: Shape = { names: [], wire: [] }

/**
 * Reads one value from bytes that hold it whole. The table of types is `read`; the table of what is rejected is
 * docs/protocols/tnetstrings.md. Recursion is bounded by `depthMax`.
 */
export class ValueParser {
  private readonly limits: Limits
  private readonly strict: boolean
  private readonly text: boolean
  private readonly wrapFloats: boolean
  private shape = noShape

  private bytes: Uint8Array = nothing
  /** Offset of `bytes[0]` in the stream, for errors. */
  private base = 0
  private at = 0
  private childEnd = 0
  private elements = 0

  constructor(options: DecodeOptions = {}) {
    this.limits = { ...bodyLimits, ...options.limits }
    this.strict = options.strict ?? false
    this.text = options.strings === 'text'
    this.wrapFloats = options.floats === 'wrapped'
  }

  /** Largest SIZE of an outermost value. */
  get sizeMax(): number {
    return this.limits.sizeMax
  }

  /** Reads `bytes[dataStart, dataEnd)` with its TYPE at `dataEnd`; `base` is the stream offset of `bytes[0]`. */
  parse(bytes: Uint8Array, dataStart: number, dataEnd: number, base: number): Value {
    this.bytes = bytes
    this.base = base
    this.elements = 0
    const value = this.read(dataStart, dataEnd, 0)
    // A parser lives as long as its connection; what it has read must not.
    this.bytes = nothing
    return value
  }

  private read(start: number, end: number, depth: number): Value {
    if (++this.elements > this.limits.elementsMax)
      this.fail('ERR_TNS_COUNT', `at most ${this.limits.elementsMax} values are allowed`, start)
    const { bytes } = this
    switch (bytes[end]) {
      case comma:
        if (this.text) return decodeText(bytes, start, end) ?? bytes.subarray(start, end)
        return bytes.subarray(start, end)
      case hash:
        return this.integer(start, end)
      case exclamation:
        return this.boolean(start, end)
      case tilde:
        // [tns.null.1]
        if (end > start) this.fail('ERR_TNS_NULL', 'null has no data', start)
        return null
      case caret:
        return this.float(start, end)
      case brace:
        return this.dict(start, end, depth + 1)
      case bracket:
        return this.list(start, end, depth + 1)
      default:
        // [tns.type.1]
        return this.fail('ERR_TNS_TYPE', 'the type is none of , # ^ ! ~ } ]', end)
    }
  }

  private integer(start: number, end: number): number | bigint {
    this.checkNumber(start, end)
    const value = parseInteger(this.bytes, start, end, this.strict)
    if (wrongAt >= 0)
      this.fail('ERR_TNS_INTEGER', 'an integer is a sign, where it has one, and digits', wrongAt)
    return value
  }

  private float(start: number, end: number): number | TnsFloat {
    this.checkNumber(start, end)
    const value = parseFloat64(this.bytes, start, end, this.strict)
    if (wrongAt >= 0)
      this.fail('ERR_TNS_FLOAT', 'a float is digits[.digits][e±digits], finite as a double', wrongAt)
    return this.wrapFloats ? new TnsFloat(value) : value
  }

  private checkNumber(start: number, end: number): void {
    const most = this.limits.numberBytesMax
    if (end - start > most)
      this.fail('ERR_TNS_TOO_LARGE', `a number has at most ${most} characters`, start + most)
  }

  /** [tns.boolean.1] */
  private boolean(start: number, end: number): boolean {
    const { bytes } = this
    if (end - start === 4 && bytes[start] === 0x74 && bytes[start + 1] === 0x72) {
      if (bytes[start + 2] === 0x75 && bytes[start + 3] === 0x65) return true
    } else if (end - start === 5 && bytes[start] === 0x66 && bytes[start + 1] === 0x61) {
      if (bytes[start + 2] === 0x6c && bytes[start + 3] === 0x73 && bytes[start + 4] === 0x65) return false
    }
    return this.fail('ERR_TNS_BOOLEAN', "a boolean is 'true' or 'false'", start)
  }

  /** [tns.list.1] */
  private list(start: number, end: number, depth: number): Value[] {
    if (depth > this.limits.depthMax) this.tooDeep(start)
    const values: Value[] = []
    this.at = start
    while (this.at < end) {
      const from = this.size(this.at, end)
      const to = this.childEnd
      values.push(this.read(from, to, depth))
      this.at = to + 1
    }
    return values
  }

  private dict(start: number, end: number, depth: number): Dict {
    if (depth > this.limits.depthMax) this.tooDeep(start)
    // A literal `{ __proto__: null }` would be V8's slow kind of object, which costs 30 ns more for each key.
    const dict: Dict = Object.setPrototypeOf({}, null)
    const shape = depth === 1 ? this.shape : noShape
    const wire = shape.wire
    let count = 0
    let at = start
    // As long as the keys are those of the dict before, they are known and differ from each other.
    for (; at < end && count < wire.length; count++) {
      const known = wire[count]!
      if (!startsWith(this.bytes, at, end, known)) break
      at = this.size(at + known.length, end)
      const to = this.childEnd
      dict[shape.names[count]!] = this.read(at, to, depth)
      at = to + 1
    }
    if (at < end) this.unknownKeys(dict, start, at, end, count, depth)
    return dict
  }

  /** The rest of a dict from its first key that was not expected. [tns.dict.1] [tns.dict.2] [tns.dict.3] */
  private unknownKeys(
    dict: Dict,
    start: number,
    from: number,
    end: number,
    known: number,
    depth: number,
  ): void {
    const { keysMax } = this.limits
    const { bytes } = this
    let count = known
    let at = from
    while (at < end) {
      const keyAt = at
      if (++count > keysMax) this.fail('ERR_TNS_COUNT', `at most ${keysMax} keys are allowed`, keyAt)
      const keyStart = this.size(keyAt, end)
      const keyEnd = this.childEnd
      if (bytes[keyEnd] !== comma) this.fail('ERR_TNS_KEY', 'a key is a string', keyEnd)
      const key =
        sharedKeys.text(bytes, keyStart, keyEnd) ?? this.fail('ERR_TNS_KEY', 'a key is UTF-8', keyStart)
      if (key in dict) this.fail('ERR_TNS_DUPLICATE_KEY', 'the key came before', keyAt)
      if (keyEnd + 1 === end) this.fail('ERR_TNS_DICT', 'the last key has no value', end)
      const valueStart = this.size(keyEnd + 1, end)
      const to = this.childEnd
      dict[key] = this.read(valueStart, to, depth)
      at = to + 1
    }
    if (depth === 1 && count <= shapeKeysMax) this.learn(dict, start, end)
  }

  /** Remembers the keys of a dict that was read. Integer-like keys are enumerated in another order: not worth it. */
  private learn(dict: Dict, start: number, end: number): void {
    const names = Object.keys(dict)
    const wire: Uint8Array[] = []
    let at = start
    for (const name of names) {
      const keyStart = this.size(at, end)
      const keyEnd = this.childEnd
      if (keyEnd - keyStart > shapeKeyBytesMax) return
      if (sharedKeys.text(this.bytes, keyStart, keyEnd) !== name) return
      wire.push(this.bytes.slice(at, keyEnd + 1))
      this.size(keyEnd + 1, end)
      at = this.childEnd + 1
    }
    this.shape = { names, wire }
  }

  /** Reads SIZE and ':' of a value inside another; answers where its data begins, and sets `childEnd`. */
  private size(start: number, limit: number): number {
    const { bytes } = this
    let size = 0
    let at = start
    for (; at < limit; at++) {
      const digit = bytes[at]! - digit0
      if (digit < 0 || digit > 9) break
      if (at > start && (size === 0 || at - start === sizeDigitsMax)) this.wrongSize(at)
      size = size * 10 + digit
    }
    if (at === limit) this.overrun(at)
    if (bytes[at] !== colon || at === start) this.wrongSize(at)
    const dataStart = at + 1
    if (dataStart + size >= limit) this.overrun(start)
    this.childEnd = dataStart + size
    return dataStart
  }

  private wrongSize(at: number): never {
    return this.fail(
      'ERR_TNS_SIZE',
      `SIZE is 0 or [1-9][0-9]* of at most ${sizeDigitsMax} digits, then ':'`,
      at,
    )
  }

  /** [tns.read.1] */
  private overrun(at: number): never {
    return this.fail('ERR_TNS_OVERRUN', 'it is larger than what it lies in', at)
  }

  private tooDeep(start: number): never {
    return this.fail('ERR_TNS_DEPTH', `at most ${this.limits.depthMax} levels are allowed`, start)
  }

  private fail(code: TnetstringErrorCode, why: string, at: number): never {
    throw new TnetstringError(code, `cannot read a value: ${why}`, this.base + at)
  }
}

function startsWith(bytes: Uint8Array, at: number, end: number, known: Uint8Array): boolean {
  const { length } = known
  if (at + length >= end) return false
  for (let i = 0; i < length; i++) if (bytes[at + i] !== known[i]) return false
  return true
}
