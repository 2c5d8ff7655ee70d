import { allocate } from './allocate.ts'
import { TnetstringError } from './errors.ts'
import { sizeDigitsMax } from './limits.ts'

const colon = 0x3a
const digit0 = 0x30
const nothing = new Uint8Array(0)

/** Where memory for unfinished values is accounted; `claim` may throw to refuse it. */
export interface Account {
  claim(bytes: number): void
  release(bytes: number): void
}

/**
 * Finds the outermost values in bytes that come in any pieces.
 *
 *     SIZE ':' DATA TYPE
 *          dataStart  dataEnd
 *
 * Invariant: a value that lies whole in one chunk stays there and is never copied. One that does not is gathered in
 * memory of its own, which grows with the bytes that came and never beyond the value: what follows it stays in its
 * chunk. So a promise of 999,999,999 bytes costs nothing, and a value costs at most two copies of itself. [tns.read.2]
 */
export class FrameBuffer {
  /** Of the value that `next` found: the bytes it lies in, its data's borders in them, `bytes[0]`'s place in the stream. */
  bytes: Uint8Array = nothing
  dataStart = 0
  dataEnd = 0
  base = 0

  private window: Uint8Array = nothing
  private at = 0
  /** Stream offset of `window[0]`. */
  private windowOffset = 0
  private readonly waiting: Uint8Array[] = []
  private waitingBytes = 0

  private pending: Uint8Array | undefined
  private have = 0
  /** SIZE, ':', DATA and TYPE of the pending value; 0 while its ':' has not come. */
  private need = 0
  private pendingDataStart = 0
  private readonly account: Account | undefined

  constructor(account?: Account) {
    this.account = account
  }

  /** Bytes that are here and not part of a value that `next` has found. */
  get buffered(): number {
    return this.have + this.window.length - this.at + this.waitingBytes
  }

  /** Stream offset behind the last value that was found. */
  get position(): number {
    return this.windowOffset + this.at - this.have
  }

  /** Takes bytes over: they must not change as long as views of them are in use. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.at < this.window.length || this.waiting.length > 0) {
      this.waiting.push(plain(chunk))
      this.waitingBytes += chunk.length
    } else {
      this.windowOffset += this.window.length
      this.window = plain(chunk)
      this.at = 0
    }
  }

  /** Takes from bytes whose memory the caller will use again: what is needed of them is copied, once. */
  pushCopy(chunk: Uint8Array): void {
    let rest = chunk
    const isFilling = this.need > 0 && this.at === this.window.length && this.waiting.length === 0
    if (isFilling) {
      const take = Math.min(this.need - this.have, chunk.length)
      this.roomFor(take).set(chunk.subarray(0, take), this.have)
      this.have += take
      this.windowOffset += take
      rest = chunk.subarray(take)
    }
    if (rest.length === 0) return
    const kept = allocate(rest.length)
    kept.set(rest)
    this.push(kept)
  }

  /** Finds the next whole value, or answers false until more bytes come. Throws `TnetstringError`. */
  next(sizeMax: number): boolean {
    for (;;) {
      if (this.pending !== undefined) {
        if (this.fill(this.pending, sizeMax)) return true
      } else if (this.at < this.window.length) {
        if (this.inWindow(sizeMax)) return true
      }
      const chunk = this.waiting.shift()
      if (chunk === undefined) {
        // All of the window is used: a connection that is quiet now must not keep it.
        this.windowOffset += this.window.length
        this.window = nothing
        this.at = 0
        return false
      }
      this.waitingBytes -= chunk.length
      this.windowOffset += this.window.length
      this.window = chunk
      this.at = 0
    }
  }

  /** Throws where the input may not end. [tns.read.3] */
  end(): void {
    if (this.buffered === 0) return
    throw new TnetstringError(
      'ERR_TNS_TRUNCATED',
      'cannot read a value: the input ends within it',
      this.position + this.buffered,
    )
  }

  /** Lets go of the value that `next` found; whoever reads views of it keeps them. */
  forget(): void {
    this.bytes = nothing
  }

  /** Lets go of everything. */
  clear(): void {
    this.drop()
    this.forget()
    this.window = nothing
    this.at = 0
    this.waiting.length = 0
    this.waitingBytes = 0
  }

  private inWindow(sizeMax: number): boolean {
    const { window, at: start } = this
    const end = window.length
    let size = 0
    let at = start
    for (; at < end; at++) {
      const digit = window[at]! - digit0
      // [tns.size.1] [tns.size.2] [tns.size.3]
      if (digit >= 0 && digit <= 9) {
        if (at > start && (size === 0 || at - start === sizeDigitsMax)) this.wrongSize(at - start)
        size = size * 10 + digit
      } else if (window[at] === colon && at > start) break
      else this.wrongSize(at - start)
    }
    if (at < end) {
      const total = at - start + size + 2
      if (size > sizeMax) this.tooLarge(size, sizeMax)
      if (total <= end - start) {
        this.bytes = window
        this.base = this.windowOffset
        this.dataStart = at + 1
        this.dataEnd = at + 1 + size
        this.at = start + total
        return true
      }
      this.need = total
      this.pendingDataStart = at - start + 1
    }
    this.begin(window.subarray(start))
    return false
  }

  /** Moves an unfinished value to memory of its own. */
  private begin(part: Uint8Array): void {
    const capacity = this.need === 0 ? sizeDigitsMax + 1 : Math.min(this.need, Math.max(512, 2 * part.length))
    this.account?.claim(capacity)
    this.pending = allocate(capacity)
    this.pending.set(part)
    this.have = part.length
    this.at = this.window.length
  }

  /** Takes what the pending value still needs from the window. */
  private fill(pending: Uint8Array, sizeMax: number): boolean {
    const { window } = this
    while (this.need === 0) {
      if (this.at === window.length) return false
      this.digit(pending, window[this.at]!, sizeMax)
      this.at++
    }
    const take = Math.min(this.need - this.have, window.length - this.at)
    const into = this.roomFor(take)
    into.set(window.subarray(this.at, this.at + take), this.have)
    this.at += take
    this.have += take
    if (this.have < this.need) return false
    this.bytes = into
    this.base = this.windowOffset + this.at - this.have
    this.dataStart = this.pendingDataStart
    this.dataEnd = this.need - 1
    this.drop()
    return true
  }

  private digit(pending: Uint8Array, byte: number, sizeMax: number): void {
    const { have } = this
    const isDigit = byte >= digit0 && byte <= digit0 + 9
    if (byte === colon && have > 0) {
      let size = 0
      for (let i = 0; i < have; i++) size = size * 10 + pending[i]! - digit0
      if (size > sizeMax) this.tooLarge(size, sizeMax)
      this.need = have + size + 2
      this.pendingDataStart = have + 1
    } else if (!isDigit || have === sizeDigitsMax || (have > 0 && pending[0] === digit0)) this.wrongSize(have)
    pending[have] = byte
    this.have++
  }

  private roomFor(bytes: number): Uint8Array {
    const pending = this.pending!
    const wanted = this.have + bytes
    if (wanted <= pending.length) return pending
    const capacity = Math.min(this.need, Math.max(512, 2 * wanted))
    this.account?.claim(capacity - pending.length)
    const grown = allocate(capacity)
    grown.set(pending.subarray(0, this.have))
    this.pending = grown
    return grown
  }

  private drop(): void {
    if (this.pending !== undefined) this.account?.release(this.pending.length)
    this.pending = undefined
    this.have = 0
    this.need = 0
  }

  private wrongSize(index: number): never {
    throw new TnetstringError(
      'ERR_TNS_SIZE',
      `cannot read a size: found another character, a leading zero or more than ${sizeDigitsMax} digits; SIZE is 0 or [1-9][0-9]* and ends with ':'`,
      this.position + index,
    )
  }

  private tooLarge(size: number, sizeMax: number): never {
    throw new TnetstringError(
      'ERR_TNS_TOO_LARGE',
      `cannot read a value of ${size} bytes: at most ${sizeMax} are allowed`,
      this.position,
    )
  }
}

/** Views that are handed out are all of one kind, whoever brought the bytes. */
function plain(chunk: Uint8Array): Uint8Array {
  if (chunk.constructor === Uint8Array) return chunk
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
