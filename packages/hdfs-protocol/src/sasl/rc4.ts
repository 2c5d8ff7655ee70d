import type { StreamCipher } from './sasl-crypto.ts'

/** RC4, which OpenSSL 3 keeps out of reach. Broken as a cipher; it is here because clusters of old use it. */
export class Rc4 implements StreamCipher {
  readonly #state = new Uint8Array(256)
  #i = 0
  #j = 0

  constructor(key: Uint8Array) {
    const state = this.#state
    for (let index = 0; index < 256; index++) state[index] = index
    for (let i = 0, j = 0; i < 256; i++) {
      const value = state[i]!
      j = (j + value + key[i % key.length]!) & 0xff
      state[i] = state[j]!
      state[j] = value
    }
  }

  update(data: Uint8Array): Uint8Array {
    const state = this.#state
    const out = new Uint8Array(data.length)
    let i = this.#i
    let j = this.#j
    for (let at = 0; at < data.length; at++) {
      i = (i + 1) & 0xff
      const a = state[i]!
      j = (j + a) & 0xff
      const b = state[j]!
      state[i] = b
      state[j] = a
      out[at] = data[at]! ^ state[(a + b) & 0xff]!
    }
    this.#i = i
    this.#j = j
    return out
  }
}
