import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { SaslCrypto } from '@cairn/hdfs-protocol'

/** The primitives of SASL from `node:crypto`. All that OpenSSL 3 has without its legacy provider. */
export const nodeCrypto: SaslCrypto = {
  md5: (data) => createHash('md5').update(data).digest(),
  hmacMd5: (key, first, second) => createHmac('md5', key).update(first).update(second).digest(),
  randomBytes,
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  tripleDes(direction, key, iv) {
    const make = direction === 'encrypt' ? createCipheriv : createDecipheriv
    return make('des-ede3-cbc', key, iv).setAutoPadding(false)
  },
  aesCtr: (key, iv) => createCipheriv(`aes-${key.length * 8}-ctr`, key, iv),
}

/** HMAC-SHA1, with which block keys sign tokens and nonces. */
export function hmacSha1(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha1', key).update(data).digest()
}
