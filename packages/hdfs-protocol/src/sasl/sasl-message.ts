/**
 * The messages of the data transfer handshake: int32 0xDEADBEEF from the client, then delimited
 * `DataTransferEncryptorMessageProto` both ways [sasl.handshake.1].
 */
import { concatBytes, ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import {
  DataTransferEncryptorMessageProto,
  DataTransferEncryptorMessageProto_DataTransferEncryptorStatus as SaslStatus,
} from '@cairn/hadoop-proto'
import { encodeDelimited, takeDelimited } from '../data-transfer/delimited.ts'
import { cipherOptionsMax, saslMessageBytesMax } from './limits.ts'

/** What a client sends first; no operation begins so. */
export const saslMagic = 0xdeadbeef

const magicBytes = 4

/**
 * Why an end refused the handshake: `key` = the encryption key is not (or no more) known, so that another one should be
 * asked for; `token` = the same for the block token; `other` = anything else.
 */
export type SaslRefusalKind = 'key' | 'token' | 'other'

/** A handshake that was refused, here or by the peer. */
export class SaslRefusedError extends Error {
  override readonly name = 'SaslRefusedError'
  readonly code = 'ERR_SASL_REFUSED'
  readonly kind: SaslRefusalKind

  constructor(kind: SaslRefusalKind, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.kind = kind
  }
}

/** Takes the magic number; false while it is not all here. Anything else is a `ProtocolError` [sasl.handshake.2]. */
export function takeSaslMagic(input: ReceiveBuffer): boolean {
  for (let at = 0; at < Math.min(magicBytes, input.length); at++) {
    if (input.u8(at) === ((saslMagic >>> (24 - 8 * at)) & 0xff)) continue
    throw new ProtocolError(
      'ERR_SASL_MAGIC',
      `read the start of a handshake: found byte ${at} to be ${input.u8(at)}; only connections with a handshake (0xDEADBEEF) are served here`,
      { offset: at },
    )
  }
  if (input.length < magicBytes) return false
  input.consume(magicBytes)
  return true
}

/** The magic number and the first message of a client. */
export function encodeSaslStart(message: DataTransferEncryptorMessageProto): Uint8Array {
  return concatBytes([Uint8Array.of(0xde, 0xad, 0xbe, 0xef), encodeSaslMessage(message)])
}

/** A message, behind its length. */
export function encodeSaslMessage(message: DataTransferEncryptorMessageProto): Uint8Array {
  return encodeDelimited(DataTransferEncryptorMessageProto, message)
}

/** The message that tells a client why it was refused [sasl.handshake.5]. */
export function encodeSaslRefusal(kind: SaslRefusalKind, message: string): Uint8Array {
  return encodeSaslMessage({
    status: kind === 'key' ? SaslStatus.ERROR_UNKNOWN_KEY : SaslStatus.ERROR,
    message,
    cipherOption: [],
    accessTokenError: kind === 'token' ? true : undefined,
  })
}

/** Takes a message; undefined while it is not all here. Throws `SaslRefusedError` for one that refuses. */
export function takeSaslMessage(input: ReceiveBuffer): DataTransferEncryptorMessageProto | undefined {
  const message = takeDelimited(
    input,
    DataTransferEncryptorMessageProto,
    saslMessageBytesMax,
    'a message of the handshake',
  )
  if (message === undefined) return undefined
  const { status, accessTokenError } = message
  if (status !== SaslStatus.SUCCESS) {
    const kind = status === SaslStatus.ERROR_UNKNOWN_KEY ? 'key' : accessTokenError ? 'token' : 'other'
    throw new SaslRefusedError(
      kind,
      `the peer refused the handshake: ${message.message ?? `status ${status}`}`,
    )
  }
  if (message.cipherOption.length > cipherOptionsMax) {
    throw new ProtocolError(
      'ERR_SASL_CIPHERS',
      `read a message of the handshake: found ${message.cipherOption.length} ciphers; at most ${cipherOptionsMax} are allowed`,
    )
  }
  return message
}
