import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { SaslCrypto } from './sasl-crypto.ts'

/** Real primitives with random bytes that a test can foresee. */
export function testCrypto(seed: number): SaslCrypto {
  let state = seed >>> 0
  return {
    md5: (data) => createHash('md5').update(data).digest(),
    hmacMd5: (key, first, second) => createHmac('md5', key).update(first).update(second).digest(),
    randomBytes(count) {
      const bytes = new Uint8Array(count)
      for (let index = 0; index < count; index++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        bytes[index] = state >>> 24
      }
      return bytes
    },
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
    tripleDes(direction, key, iv) {
      const make = direction === 'encrypt' ? createCipheriv : createDecipheriv
      return make('des-ede3-cbc', key, iv).setAutoPadding(false)
    },
    aesCtr: (key, iv) => createCipheriv(`aes-${key.length * 8}-ctr`, key, iv),
  }
}
