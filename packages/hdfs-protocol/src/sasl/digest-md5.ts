/** The arithmetic of DIGEST-MD5 (RFC 2831, sections 2.1.2 and 2.3), for both ends. */
import { concatBytes, formatHex } from '@cairn/bytes'
import type { SaslCrypto } from './sasl-crypto.ts'

/** Quality of protection: who it is, that nothing was changed, that nobody else reads it. */
export type Qop = 'auth' | 'auth-int' | 'auth-conf'

/** Every quality, the strongest last; Java's `authentication`, `integrity`, `privacy`. */
export const qops: readonly Qop[] = ['auth', 'auth-int', 'auth-conf']

/** The quality of this name, or undefined. */
export function qopOf(name: string): Qop | undefined {
  return qops.find((qop) => qop === name)
}

/** Ciphers of `auth-conf`, in the order in which Java prefers them [sasl.digest.4]. */
export const digestCiphers = ['3des', 'rc4', 'des', 'rc4-56', 'rc4-40'] as const

/** A cipher of `auth-conf`, as the messages name it. */
export type DigestCipher = (typeof digestCiphers)[number]

/** The cipher of this name, or undefined. */
export function digestCipherOf(name: string): DigestCipher | undefined {
  return digestCiphers.find((cipher) => cipher === name)
}

/** Service and host of every data transfer handshake, and so its realm: Java names no real host [sasl.digest.2]. */
export const digestUri = 'hdfs/0'
export const digestRealm = '0'

/** The first and only use of a nonce. */
export const nonceCount = '00000001'

/** What both ends put into the digests. */
export interface DigestExchange {
  readonly username: string
  readonly realm: string
  readonly password: string
  readonly nonce: string
  readonly cnonce: string
  readonly qop: Qop
  readonly digestUri: string
  /** Whom the client wants to act as; undefined when it did not say. */
  readonly authzid: string | undefined
}

const textEncoder = new TextEncoder()

/** Text as ISO 8859-1 where that can write it, else as UTF-8 (RFC 2831, 2.1.2.1). */
function digestText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0xff) return textEncoder.encode(text)
    bytes[index] = unit
  }
  return bytes
}

/** H(A1): the secret from which all keys of the session are made. */
export function sessionSecret(crypto: SaslCrypto, exchange: DigestExchange): Uint8Array {
  const colon = Uint8Array.of(0x3a)
  const { username, realm, password, nonce, cnonce, authzid } = exchange
  const user = crypto.md5(
    concatBytes([digestText(username), colon, digestText(realm), colon, digestText(password)]),
  )
  const suffix = authzid === undefined ? '' : `:${authzid}`
  return crypto.md5(concatBytes([user, textEncoder.encode(`:${nonce}:${cnonce}${suffix}`)]))
}

/** The client's `response` ('AUTHENTICATE') or the server's `rspauth` (''), 32 hex digits [sasl.digest.3]. */
export function responseValue(
  crypto: SaslCrypto,
  secret: Uint8Array,
  exchange: DigestExchange,
  method: 'AUTHENTICATE' | '',
): string {
  const { nonce, cnonce, qop } = exchange
  const marker = qop === 'auth' ? '' : `:${'0'.repeat(32)}`
  const a2 = crypto.md5(textEncoder.encode(`${method}:${exchange.digestUri}${marker}`))
  const text = `${formatHex(secret)}:${nonce}:${nonceCount}:${cnonce}:${qop}:${formatHex(a2)}`
  return formatHex(crypto.md5(textEncoder.encode(text)))
}

/** Which way bytes go. */
export type Direction = 'client-to-server' | 'server-to-client'

/** The key that guards one direction against changes [sasl.layer.1]. */
export function signingKey(crypto: SaslCrypto, secret: Uint8Array, direction: Direction): Uint8Array {
  const magic = `Digest session key to ${direction} signing key magic constant`
  return crypto.md5(concatBytes([secret, textEncoder.encode(magic)]))
}

/** The key that hides one direction; short ciphers use less of the secret [sasl.layer.2]. */
export function sealingKey(
  crypto: SaslCrypto,
  secret: Uint8Array,
  direction: Direction,
  cipher: DigestCipher,
): Uint8Array {
  const used = cipher === 'rc4-40' ? 5 : cipher === 'rc4-56' ? 7 : 16
  const magic = `Digest H(A1) to ${direction} sealing key magic constant`
  return crypto.md5(concatBytes([secret.subarray(0, used), textEncoder.encode(magic)]))
}

/** 7 bytes as a DES key of 8: 7 bits in each, the lowest makes the number of ones odd. */
function desKey(bytes: Uint8Array): Uint8Array {
  const key = new Uint8Array(8)
  for (let index = 0; index < 8; index++) {
    const high = index === 0 ? 0 : bytes[index - 1]! << (8 - index)
    const low = index === 7 ? 0 : bytes[index]! >> index
    let byte = (high | low) & 0xfe
    let ones = 0
    for (let bits = byte; bits !== 0; bits >>= 1) ones += bits & 1
    if (ones % 2 === 0) byte |= 1
    key[index] = byte
  }
  return key
}

/** The 3DES key of a sealing key: two DES keys, the first one twice. Three times the same key is single DES. */
export function tripleDesKey(sealing: Uint8Array, cipher: '3des' | 'des'): Uint8Array {
  const first = desKey(sealing.subarray(0, 7))
  const second = cipher === 'des' ? first : desKey(sealing.subarray(7, 14))
  return concatBytes([first, second, first])
}
