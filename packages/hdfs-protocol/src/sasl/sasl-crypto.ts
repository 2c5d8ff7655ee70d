/** A cipher that goes on where the last call ended; the result is new memory, as long as the input. */
export interface StreamCipher {
  update(data: Uint8Array): Uint8Array
}

/** The primitives that SASL is made of; runtime packages bring them from their platform. */
export interface SaslCrypto {
  md5(data: Uint8Array): Uint8Array
  /** HMAC-MD5 of the parts, one after the other. */
  hmacMd5(key: Uint8Array, first: Uint8Array, second: Uint8Array): Uint8Array
  /** Unpredictable bytes. */
  randomBytes(count: number): Uint8Array
  /** Compares in a time that does not depend on where they differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** 3DES in CBC mode without padding; key of 24 bytes, iv of 8. */
  tripleDes(direction: 'encrypt' | 'decrypt', key: Uint8Array, iv: Uint8Array): StreamCipher
  /** AES in CTR mode; key of 16, 24 or 32 bytes, iv of 16. */
  aesCtr(key: Uint8Array, iv: Uint8Array): StreamCipher
}
