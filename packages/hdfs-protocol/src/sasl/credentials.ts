/** What stands for a block token or an encryption key as user name and password of a handshake. */
import { ProtocolError } from '@cairn/bytes'
import type { DataEncryptionKeyProto, TokenProto } from '@cairn/hadoop-proto'

export interface SaslCredentials {
  readonly username: string
  readonly password: string
}

/** Bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** Base64 as bytes; other text is a `ProtocolError`. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw new ProtocolError('ERR_SASL_USER', 'read a user name: found no base64', { cause })
  }
}

/** A block token as credentials [sasl.user.1]. */
export function tokenCredentials(token: Pick<TokenProto, 'identifier' | 'password'>): SaslCredentials {
  return { username: toBase64(token.identifier), password: toBase64(token.password) }
}

/** An encryption key as credentials [sasl.user.2]. */
export function encryptionKeyCredentials(
  key: Pick<DataEncryptionKeyProto, 'keyId' | 'blockPoolId' | 'nonce' | 'encryptionKey'>,
): SaslCredentials {
  return {
    username: `${key.keyId | 0} ${key.blockPoolId} ${toBase64(key.nonce)}`,
    password: toBase64(key.encryptionKey),
  }
}

/** Which key the user name of an encrypted handshake stands for [sasl.user.2]. */
export function parseEncryptionUser(username: string): {
  keyId: number
  blockPoolId: string
  nonce: Uint8Array
} {
  const parts = username.split(' ')
  const [keyId, blockPoolId, nonce] = parts
  if (parts.length !== 3 || !/^-?\d{1,10}$/.test(keyId!) || blockPoolId === '') {
    throw new ProtocolError(
      'ERR_SASL_USER',
      'read a user name: found no key id, block pool and nonce with spaces between',
    )
  }
  return { keyId: Number(keyId), blockPoolId: blockPoolId!, nonce: fromBase64(nonce!) }
}
