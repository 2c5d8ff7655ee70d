/**
 * What DIGEST-MD5 does to messages after the handshake (RFC 2831, sections 2.3 and 2.4):
 *
 *     auth-int    message | 10 bytes of HMAC-MD5 | uint16 1 | uint32 number
 *     auth-conf   cipher( message | padding | 10 bytes of HMAC-MD5 ) | uint16 1 | uint32 number
 *
 * Ciphers go on from message to message [sasl.layer.1] [sasl.layer.2].
 */
import { ProtocolError } from '@cairn/bytes'
import { type DigestCipher, type Direction, sealingKey, signingKey, tripleDesKey } from './digest-md5.ts'
import { Rc4 } from './rc4.ts'
import type { SaslCrypto, StreamCipher } from './sasl-crypto.ts'

const macBytes = 10
const trailerBytes = 6
const messageType = 1
const desBlockBytes = 8

/** Guards messages in both directions. */
export class DigestLayer {
  readonly #crypto: SaslCrypto
  readonly #sendKey: Uint8Array
  readonly #receiveKey: Uint8Array
  readonly #encrypt: StreamCipher | undefined
  readonly #decrypt: StreamCipher | undefined
  readonly #padded: boolean
  #sent = 0
  #received = 0
  readonly #number = new Uint8Array(4)

  /** `cipher` undefined = integrity only. */
  constructor(
    crypto: SaslCrypto,
    secret: Uint8Array,
    end: 'client' | 'server',
    cipher: DigestCipher | undefined,
  ) {
    const [send, receive]: [Direction, Direction] =
      end === 'client' ? ['client-to-server', 'server-to-client'] : ['server-to-client', 'client-to-server']
    this.#crypto = crypto
    this.#sendKey = signingKey(crypto, secret, send)
    this.#receiveKey = signingKey(crypto, secret, receive)
    this.#padded = cipher === '3des' || cipher === 'des'
    if (cipher !== undefined) {
      this.#encrypt = streamCipher(crypto, sealingKey(crypto, secret, send, cipher), cipher, 'encrypt')
      this.#decrypt = streamCipher(crypto, sealingKey(crypto, secret, receive, cipher), cipher, 'decrypt')
    }
  }

  /** A message with `head` free bytes before it, for its length. */
  wrap(message: Uint8Array, head = 0): Uint8Array {
    const number = this.#sent++
    const mac = this.#mac(this.#sendKey, number, message)
    const padding = this.#padded ? desBlockBytes - ((message.length + macBytes) % desBlockBytes) : 0
    const sealedBytes = message.length + padding + macBytes
    const token = new Uint8Array(head + sealedBytes + trailerBytes)
    token.set(message, head)
    token.fill(padding, head + message.length, head + message.length + padding)
    token.set(mac.subarray(0, macBytes), head + message.length + padding)
    if (this.#encrypt !== undefined) {
      token.set(this.#encrypt.update(token.subarray(head, head + sealedBytes)), head)
    }
    const trailer = head + sealedBytes
    token[trailer + 1] = messageType
    writeNumber(token, trailer + 2, number)
    return token
  }

  /** The message of a token. A token that was changed, repeated or left out is a `ProtocolError` [sasl.layer.3]. */
  unwrap(token: Uint8Array): Uint8Array {
    // Java sends an empty token for an empty write.
    if (token.length === 0) return token
    const sealedBytes = token.length - trailerBytes
    if (sealedBytes < macBytes || (this.#padded && sealedBytes % desBlockBytes !== 0)) {
      throw broken(`a token of ${token.length} bytes`)
    }
    const type = (token[sealedBytes]! << 8) | token[sealedBytes + 1]!
    const number = readNumber(token, sealedBytes + 2)
    if (type !== messageType || number !== this.#received) {
      throw broken(`message ${number} of type ${type}; ${this.#received} of type ${messageType} is next`)
    }
    const sealed = token.subarray(0, sealedBytes)
    const opened = this.#decrypt === undefined ? sealed : this.#decrypt.update(sealed)
    const macAt = sealedBytes - macBytes
    const padding = this.#padded ? opened[macAt - 1]! : 0
    const length = macAt - padding
    if (this.#padded && (padding < 1 || padding > desBlockBytes)) throw broken('wrong padding')
    const message = opened.subarray(0, length)
    const mac = this.#mac(this.#receiveKey, number, message).subarray(0, macBytes)
    if (!this.#crypto.equal(mac, opened.subarray(macAt, sealedBytes))) throw broken('another checksum')
    this.#received = (number + 1) >>> 0
    return message
  }

  #mac(key: Uint8Array, number: number, message: Uint8Array): Uint8Array {
    writeNumber(this.#number, 0, number)
    return this.#crypto.hmacMd5(key, this.#number, message)
  }
}

function streamCipher(
  crypto: SaslCrypto,
  key: Uint8Array,
  cipher: DigestCipher,
  direction: 'encrypt' | 'decrypt',
): StreamCipher {
  if (cipher === '3des' || cipher === 'des') {
    return crypto.tripleDes(direction, tripleDesKey(key, cipher), key.subarray(8, 16))
  }
  return new Rc4(key)
}

function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

function readNumber(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function broken(found: string): ProtocolError {
  return new ProtocolError('ERR_SASL_TOKEN', `open a protected message: found ${found}`)
}
