/** How the bytes of a connection are protected after the handshake. */
import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import type { DigestLayer } from './digest-layer.ts'
import { saslTokenBytesMax, saslWrapBytesMax } from './limits.ts'
import type { StreamCipher } from './sasl-crypto.ts'

/** Protects what is sent, opens what is received. */
export interface ConnectionCipher {
  /** Hands the bytes to send for `data` to `send`, which may keep them. */
  seal(data: Uint8Array, send: (bytes: Uint8Array) => void): void
  /** Takes what can be opened from the front of `input`; undefined while there is nothing. */
  open(input: ReceiveBuffer): Uint8Array | undefined
}

const lengthBytes = 4

/** Tokens of DIGEST-MD5, each behind its length as int32 [sasl.stream.1]. */
export class DigestStream implements ConnectionCipher {
  readonly #layer: DigestLayer
  readonly #pieceBytes: number

  /** `peerTokenBytes`: the largest token that the peer takes (`maxbuf`). */
  constructor(layer: DigestLayer, peerTokenBytes: number) {
    this.#layer = layer
    this.#pieceBytes = Math.min(saslWrapBytesMax, Math.max(1, peerTokenBytes - 32))
  }

  seal(data: Uint8Array, send: (bytes: Uint8Array) => void): void {
    for (let at = 0; at < data.length; at += this.#pieceBytes) {
      const token = this.#layer.wrap(data.subarray(at, at + this.#pieceBytes), lengthBytes)
      const length = token.length - lengthBytes
      token[0] = length >>> 24
      token[1] = length >>> 16
      token[2] = length >>> 8
      token[3] = length
      send(token)
    }
  }

  open(input: ReceiveBuffer): Uint8Array | undefined {
    if (input.length < lengthBytes) return undefined
    const length = input.i32be(0)
    if (length < 0 || length > saslTokenBytesMax) {
      throw new ProtocolError(
        'ERR_SASL_TOKEN_LENGTH',
        `read a protected message: found ${length} bytes; 0 to ${saslTokenBytesMax} are allowed`,
        { offset: 0 },
      )
    }
    if (input.length < lengthBytes + length) return undefined
    const message = this.#layer.unwrap(input.view(lengthBytes, lengthBytes + length))
    input.consume(lengthBytes + length)
    return message
  }
}

/** One stream of AES/CTR in each direction, without checksums [sasl.stream.2]. */
export class AesStream implements ConnectionCipher {
  readonly #encrypt: StreamCipher
  readonly #decrypt: StreamCipher

  constructor(encrypt: StreamCipher, decrypt: StreamCipher) {
    this.#encrypt = encrypt
    this.#decrypt = decrypt
  }

  seal(data: Uint8Array, send: (bytes: Uint8Array) => void): void {
    if (data.length > 0) send(this.#encrypt.update(data))
  }

  open(input: ReceiveBuffer): Uint8Array | undefined {
    if (input.length === 0) return undefined
    const opened = this.#decrypt.update(input.view())
    input.consume(input.length)
    return opened
  }
}
