import { TnetstringError } from './errors.ts'
import { bodyLimits, sizeMax } from './limits.ts'
import { utf8Length } from './text.ts'
import { type Encodable, TnsFloat } from './value.ts'

const digit0 = 0x30
const slabBytes = 64 << 10
const encoder = new TextEncoder()

/** Bytes from this size on become a part of their own where `parts` are wanted: they are not copied. */
export const partBytesMin = 4096

/**
 * Writes values from their end to their beginning, because SIZE stands in front: so nothing is measured first and
 * nothing is moved afterwards. What is written lies in `bytes[at, end)` until the next `take`.
 */
export class BackwardWriter {
  /** Where the last byte went; everything from here to `end` is written. */
  at = slabBytes
  end = slabBytes
  bytes: Uint8Array = new Uint8Array(slabBytes)
  /** Bytes and parts behind `end`, the last part first. */
  private taken = 0
  private parts: Uint8Array[] | undefined

  /** Begins a value whose large bytes become parts, or one that lies in one piece. */
  begin(inParts: boolean): void {
    this.taken = 0
    this.parts = inParts ? [] : undefined
  }

  /** Forgets what was written, so that its memory is used again. */
  reset(): void {
    this.at = this.bytes.length
    this.end = this.at
  }

  /** What was written since the last `take` as a view, whose memory is not used again. */
  take(): Uint8Array {
    const view = this.bytes.subarray(this.at, this.end)
    this.end = this.at
    // What is left of an unusually large piece must not be kept alive by small values.
    if (this.bytes.length > 4 * slabBytes) this.renew()
    return view
  }

  private renew(): void {
    this.bytes = new Uint8Array(slabBytes)
    this.reset()
  }

  /** Everything in parts, in the order of the wire. */
  takeParts(): Uint8Array[] {
    const parts = this.parts ?? []
    this.parts = undefined
    if (this.at < this.end || parts.length === 0) parts.push(this.take())
    return parts.reverse()
  }

  /** Writes a value. Throws `TnetstringError` with side `local` for what no TNetstring can hold. */
  value(value: Encodable, depth: number): void {
    if (typeof value === 'string') this.string(value, 0x2c)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'boolean') this.string(value ? 'true' : 'false', 0x21)
    else if (typeof value === 'bigint') this.string(String(value), 0x23)
    else if (value === null) this.string('', 0x7e)
    else if (typeof value === 'object') this.object(value, depth)
    else cannot(`a ${typeof value}`)
  }

  /** SIZE and ':' in front of `size` bytes. */
  size(size: number): void {
    if (size > sizeMax) cannot(`${size} bytes in one value (at most ${sizeMax} can be said)`)
    this.room(12)
    const { bytes } = this
    let { at } = this
    bytes[--at] = 0x3a
    let rest = size
    do {
      const tens = Math.floor(rest / 10)
      bytes[--at] = digit0 + rest - tens * 10
      rest = tens
    } while (rest > 0)
    this.at = at
  }

  private object(value: Exclude<Encodable, string | number | boolean | bigint | null>, depth: number): void {
    if (value instanceof Uint8Array) this.blob(value)
    else if (depth >= bodyLimits.depthMax)
      cannot(`more than ${bodyLimits.depthMax} levels, or a value within itself`)
    else if (Array.isArray(value)) this.list(value, depth)
    else if (value instanceof TnsFloat) this.float(value.value, true)
    else if (value instanceof Map) this.dict(fromMap(value), depth)
    else {
      const prototype = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null)
        cannot(`an object of the class ${prototype.constructor?.name ?? '(none)'}`)
      this.dict(value as Readonly<Record<string, Encodable | undefined>>, depth)
    }
  }

  private blob(value: Uint8Array): void {
    this.type(0x2c)
    const { length } = value
    if (this.parts !== undefined && length >= partBytesMin) {
      this.taken += this.end - this.at + length
      if (this.at < this.end) this.parts.push(this.take())
      this.parts.push(value)
    } else {
      this.room(length)
      this.at -= length
      this.bytes.set(value, this.at)
    }
    this.size(length)
  }

  private list(values: readonly Encodable[], depth: number): void {
    const end = this.type(0x5d)
    for (let i = values.length - 1; i >= 0; i--) this.value(values[i]!, depth + 1)
    this.size(this.written - end)
  }

  /** A dict with one more entry behind those of `value`, of which one of the same key is left out. */
  dictAnd(value: Readonly<Record<string, Encodable | undefined>>, lastKey: string, last: Encodable): void {
    const end = this.type(0x7d)
    this.value(last, 1)
    this.string(lastKey, 0x2c)
    this.entries(value, 0, lastKey)
    this.size(this.written - end)
  }

  private dict(value: Readonly<Record<string, Encodable | undefined>>, depth: number): void {
    const end = this.type(0x7d)
    this.entries(value, depth, undefined)
    this.size(this.written - end)
  }

  /** The keys keep their order. [tns.write.2] */
  private entries(
    value: Readonly<Record<string, Encodable | undefined>>,
    depth: number,
    but: string | undefined,
  ): void {
    const keys = Object.keys(value)
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = keys[i]!
      const one = value[key]
      if (one === undefined || key === but) continue
      this.value(one, depth + 1)
      this.string(key, 0x2c)
    }
  }

  /** Bytes written since `begin`. */
  private get written(): number {
    return this.taken + this.end - this.at
  }

  /** Writes a TYPE; answers how much had been written with it. */
  private type(type: number): number {
    this.room(1)
    this.bytes[--this.at] = type
    return this.written
  }

  private string(text: string, type: number): void {
    const { length } = text
    this.room(length + 16)
    const { bytes } = this
    let { at } = this
    bytes[--at] = type
    if (length > 256) {
      this.longString(text, type)
      return
    }
    let seen = 0
    for (let i = length - 1; i >= 0; i--) {
      const code = text.charCodeAt(i)
      seen |= code
      bytes[--at] = code
    }
    if (seen > 0x7f) {
      this.longString(text, type)
      return
    }
    this.at = at
    if (length < 10) {
      bytes[--at] = 0x3a
      bytes[--at] = digit0 + length
      this.at = at
    } else this.size(length)
  }

  /** What is long or not plainly ASCII. [tns.string.2] */
  private longString(text: string, type: number): void {
    const length = utf8Length(text)
    if (length < 0) cannot('a text with half a surrogate pair')
    this.room(length + 16)
    this.bytes[--this.at] = type
    this.at -= length
    encoder.encodeInto(text, this.bytes.subarray(this.at, this.at + length))
    this.size(length)
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.float(value, false)
    else if (value < 0 || value > 0x7fff_ffff) this.string(String(value), 0x23)
    else this.smallNumber(value)
  }

  private smallNumber(value: number): void {
    this.room(24)
    const { bytes } = this
    let { at } = this
    bytes[--at] = 0x23
    const end = at
    let rest = value
    do {
      const tens = (rest / 10) | 0
      bytes[--at] = digit0 + rest - tens * 10
      rest = tens
    } while (rest > 0)
    const digits = end - at
    bytes[--at] = 0x3a
    if (digits === 10) bytes[--at] = digit0
    bytes[--at] = digits === 10 ? digit0 + 1 : digit0 + digits
    this.at = at
  }

  /** The shortest text that reads as the same double. [tns.float.4] */
  private float(value: number, isWrapped: boolean): void {
    if (!Number.isFinite(value)) cannot(String(value))
    const text = Object.is(value, -0) ? '-0' : String(value)
    const isBare = (isWrapped || value === 0) && !/[.e]/.test(text)
    this.string(isBare ? `${text}.0` : text, 0x5e)
  }

  /** Makes room for `bytes` more in front; what was begun moves to new memory where there is none. */
  private room(bytes: number): void {
    if (bytes > this.at) this.grow(bytes)
  }

  private grow(bytes: number): void {
    const length = this.end - this.at
    const capacity = Math.max(slabBytes, 2 * (length + bytes))
    const grown = new Uint8Array(capacity)
    grown.set(this.bytes.subarray(this.at, this.end), capacity - length)
    this.bytes = grown
    this.at = capacity - length
    this.end = capacity
  }
}

function fromMap(map: ReadonlyMap<string, Encodable>): Record<string, Encodable> {
  const dict: Record<string, Encodable> = Object.setPrototypeOf({}, null)
  for (const [key, value] of map) {
    if (typeof key !== 'string') cannot('a key that is no string')
    dict[key] = value
  }
  return dict
}

function cannot(what: string): never {
  throw new TnetstringError(
    'ERR_TNS_VALUE',
    `cannot write a value: found ${what}, which no TNetstring can hold`,
  )
}
