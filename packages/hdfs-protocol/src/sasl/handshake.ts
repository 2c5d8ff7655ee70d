/**
 * The data transfer handshake, both ends, as bytes in and bytes out:
 *
 *     client                                                   server
 *     0xDEADBEEF, {} (or the handshake secret of the token) ─▶
 *                                                            ◀─ { challenge }
 *     { response, ciphers it would rather have }            ─▶
 *                                                            ◀─ { rspauth, the cipher, its keys wrapped }
 *
 * Behind the last message each end speaks through the `ConnectionCipher` that was agreed upon [sasl.handshake.1].
 */
import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import {
  type CipherOptionProto,
  CipherSuiteProto,
  type DataTransferEncryptorMessageProto,
  DataTransferEncryptorMessageProto_DataTransferEncryptorStatus as SaslStatus,
} from '@cairn/hadoop-proto'
import { AesStream, type ConnectionCipher, DigestStream } from './connection-cipher.ts'
import { DigestClient, type DigestClientOptions } from './digest-client.ts'
import type { DigestLayer } from './digest-layer.ts'
import { type Qop, qopOf } from './digest-md5.ts'
import { DigestServer, type DigestServerOptions } from './digest-server.ts'
import type { SaslCrypto } from './sasl-crypto.ts'
import {
  encodeSaslMessage,
  encodeSaslStart,
  SaslRefusedError,
  takeSaslMagic,
  takeSaslMessage,
} from './sasl-message.ts'

/** What a step of a handshake brings: bytes for the peer, and at the end how the connection goes on. */
export interface HandshakeStep {
  readonly send?: Uint8Array
  readonly done?: {
    readonly qop: Qop
    /** Undefined = the bytes go as they are (`auth`). */
    readonly cipher: ConnectionCipher | undefined
    /** AES/CTR was agreed upon instead of what DIGEST-MD5 does. */
    readonly aes: boolean
  }
}

/** One end of a handshake. */
export interface Handshake {
  /** What goes out before anything came in. */
  start(): Uint8Array | undefined
  /**
   * Takes the next message; undefined while it is not all here. Throws `ProtocolError` or `SaslRefusedError`; after
   * that the connection is of no use.
   */
  next(input: ReceiveBuffer): HandshakeStep | undefined
}

export interface SaslClientOptions extends DigestClientOptions {
  /** Propose AES/CTR for the bytes behind the handshake (`dfs.encrypt.data.transfer.cipher.suites`). */
  readonly aes: boolean
  /** From the block token, when the NameNode put it there (`dfs.namenode.send.qop.enabled`). */
  readonly handshakeSecret?: { readonly secret: Uint8Array; readonly bpid: string } | undefined
}

export interface SaslServerOptions extends DigestServerOptions {
  /** Bits of AES/CTR keys; 0 = not offered (`dfs.encrypt.data.transfer.cipher.key.bitlength`). */
  readonly aesKeyBits: 0 | 128 | 192 | 256
}

const ivBytes = 16
const textDecoder = new TextDecoder()

function message(fields: Partial<DataTransferEncryptorMessageProto>): DataTransferEncryptorMessageProto {
  return { status: SaslStatus.SUCCESS, cipherOption: [], ...fields }
}

/** The client's end. */
export class SaslClientHandshake implements Handshake {
  readonly #crypto: SaslCrypto
  readonly #options: SaslClientOptions
  readonly #digest: DigestClient
  #responded = false

  constructor(crypto: SaslCrypto, options: SaslClientOptions) {
    this.#crypto = crypto
    this.#options = options
    this.#digest = new DigestClient(crypto, options)
  }

  start(): Uint8Array {
    const { handshakeSecret } = this.#options
    return encodeSaslStart(message({ payload: new Uint8Array(0), handshakeSecret }))
  }

  next(input: ReceiveBuffer): HandshakeStep | undefined {
    const received = takeSaslMessage(input)
    if (received === undefined) return undefined
    const payload = received.payload ?? new Uint8Array(0)
    if (!this.#responded) {
      this.#responded = true
      const response = this.#digest.respond(payload)
      const ask = this.#options.aes && this.#options.qops.includes('auth-conf')
      const cipherOption = ask ? [{ suite: CipherSuiteProto.AES_CTR_NOPADDING }] : []
      return { send: encodeSaslMessage(message({ payload: response, cipherOption })) }
    }
    this.#digest.verify(payload)
    const layer = this.#digest.layer()
    const option = this.#digest.qop === 'auth-conf' ? received.cipherOption[0] : undefined
    const cipher =
      option !== undefined && layer !== undefined
        ? this.#aes(option, layer)
        : layer && new DigestStream(layer, this.#digest.peerTokenBytes)
    return { done: { qop: this.#digest.qop, cipher, aes: option !== undefined } }
  }

  /** The keys come wrapped, the first vectors plain [sasl.handshake.4]. */
  #aes(option: CipherOptionProto, layer: DigestLayer): ConnectionCipher {
    if (option.suite !== CipherSuiteProto.AES_CTR_NOPADDING || !this.#options.aes) {
      throw new ProtocolError('ERR_SASL_CIPHERS', `agree on a cipher: found ${option.suite}, not asked for`)
    }
    const inKey = layer.unwrap(option.inKey ?? new Uint8Array(0)).slice()
    const outKey = layer.unwrap(option.outKey ?? new Uint8Array(0)).slice()
    const encrypt = this.#crypto.aesCtr(checkKey(inKey), checkIv(option.inIv))
    return new AesStream(encrypt, this.#crypto.aesCtr(checkKey(outKey), checkIv(option.outIv)))
  }
}

function checkKey(key: Uint8Array): Uint8Array {
  if (key.length === 16 || key.length === 24 || key.length === 32) return key
  throw new ProtocolError('ERR_SASL_CIPHERS', `agree on a cipher: found an AES key of ${key.length} bytes`)
}

function checkIv(iv: Uint8Array | undefined): Uint8Array {
  if (iv?.length === ivBytes) return iv
  throw new ProtocolError('ERR_SASL_CIPHERS', `agree on a cipher: found a vector of ${iv?.length ?? 0} bytes`)
}

/** The server's end. */
export class SaslServerHandshake implements Handshake {
  readonly #crypto: SaslCrypto
  readonly #options: SaslServerOptions
  #magic = false
  #digest: DigestServer | undefined

  constructor(crypto: SaslCrypto, options: SaslServerOptions) {
    this.#crypto = crypto
    this.#options = options
  }

  start(): undefined {
    return undefined
  }

  next(input: ReceiveBuffer): HandshakeStep | undefined {
    if (!this.#magic) this.#magic = takeSaslMagic(input)
    if (!this.#magic) return undefined
    const received = takeSaslMessage(input)
    if (received === undefined) return undefined
    if (this.#digest === undefined) {
      this.#digest = new DigestServer(this.#crypto, {
        qops: this.#qops(received.handshakeSecret?.secret),
        passwordOf: (username) => this.#options.passwordOf(username),
      })
      return { send: encodeSaslMessage(message({ payload: this.#digest.challenge() })) }
    }
    const payload = this.#digest.accept(received.payload ?? new Uint8Array(0))
    const layer = this.#digest.layer()
    const { qop } = this.#digest
    if (qop === 'auth-conf' && layer !== undefined && this.#asksForAes(received)) {
      const { option, cipher } = this.#aes(layer)
      return {
        send: encodeSaslMessage(message({ payload, cipherOption: [option] })),
        done: { qop, cipher, aes: true },
      }
    }
    const cipher = layer && new DigestStream(layer, this.#digest.peerTokenBytes)
    return { send: encodeSaslMessage(message({ payload })), done: { qop, cipher, aes: false } }
  }

  /** A client may narrow the qualities to the one that its token names, never widen them [sasl.handshake.3]. */
  #qops(secret: Uint8Array | undefined): readonly Qop[] {
    const { qops } = this.#options
    if (secret === undefined || secret.length === 0) return qops
    const named = qopOf(textDecoder.decode(secret))
    if (named !== undefined && qops.includes(named)) return [named]
    throw new SaslRefusedError('other', `log in: the token names a protection that is not one of ${qops}`)
  }

  #asksForAes(received: DataTransferEncryptorMessageProto): boolean {
    if (this.#options.aesKeyBits === 0) return false
    return received.cipherOption.some((option) => option.suite === CipherSuiteProto.AES_CTR_NOPADDING)
  }

  #aes(layer: DigestLayer): { option: CipherOptionProto; cipher: ConnectionCipher } {
    const keyBytes = this.#options.aesKeyBits / 8
    const inKey = this.#crypto.randomBytes(keyBytes)
    const inIv = this.#crypto.randomBytes(ivBytes)
    const outKey = this.#crypto.randomBytes(keyBytes)
    const outIv = this.#crypto.randomBytes(ivBytes)
    const option = {
      suite: CipherSuiteProto.AES_CTR_NOPADDING,
      inKey: layer.wrap(inKey),
      inIv,
      outKey: layer.wrap(outKey),
      outIv,
    }
    const cipher = new AesStream(this.#crypto.aesCtr(outKey, outIv), this.#crypto.aesCtr(inKey, inIv))
    return { option, cipher }
  }
}
