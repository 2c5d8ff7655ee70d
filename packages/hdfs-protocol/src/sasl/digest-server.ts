import { ProtocolError } from '@cairn/bytes'
import { list, newNonce, tokenBytesOf } from './digest-client.ts'
import { DigestLayer } from './digest-layer.ts'
import {
  type DigestCipher,
  digestCipherOf,
  digestCiphers,
  digestRealm,
  digestUri,
  nonceCount,
  type Qop,
  qopOf,
  responseValue,
  sessionSecret,
} from './digest-md5.ts'
import { type Directives, parseDirectives, requiredText, textOf, writeDirectives } from './directives.ts'
import type { SaslCrypto } from './sasl-crypto.ts'
import { SaslRefusedError } from './sasl-message.ts'

export interface DigestServerOptions {
  /** Qualities of protection that are good enough. */
  readonly qops: readonly Qop[]
  /** The password of a user; throws `SaslRefusedError` for one who has none. */
  passwordOf(username: string): string
}

/** The server's end of DIGEST-MD5. */
export class DigestServer {
  readonly #crypto: SaslCrypto
  readonly #options: DigestServerOptions
  readonly #nonce: string
  #qop: Qop = 'auth'
  #cipher: DigestCipher | undefined
  #secret = new Uint8Array(0)
  #peerTokenBytes = 0

  constructor(crypto: SaslCrypto, options: DigestServerOptions) {
    this.#crypto = crypto
    this.#options = options
    this.#nonce = newNonce(crypto)
  }

  get qop(): Qop {
    return this.#qop
  }

  /** The largest token that the client takes. */
  get peerTokenBytes(): number {
    return this.#peerTokenBytes
  }

  /** The challenge, as Java words it [sasl.digest.2]. */
  challenge(): Uint8Array {
    const { qops } = this.#options
    return writeDirectives(
      [
        ['realm', digestRealm],
        ['nonce', this.#nonce],
        ['qop', qops.join(',')],
        ['charset', 'utf-8'],
        ['cipher', qops.includes('auth-conf') ? digestCiphers.join(',') : undefined],
        ['algorithm', 'md5-sess'],
      ],
      new Set(['charset', 'algorithm']),
    )
  }

  /** Checks the client's response; the result proves to the client that the password is known here. */
  accept(response: Uint8Array): Uint8Array {
    const directives = parseDirectives(response)
    this.#negotiate(directives)
    const username = requiredText(directives, 'username')
    const exchange = {
      username,
      realm: textOf(directives, 'realm') ?? '',
      password: this.#options.passwordOf(username),
      nonce: this.#nonce,
      cnonce: requiredText(directives, 'cnonce'),
      qop: this.#qop,
      digestUri: requiredText(directives, 'digest-uri'),
      authzid: textOf(directives, 'authzid'),
    }
    this.#secret = new Uint8Array(sessionSecret(this.#crypto, exchange))
    const expected = responseValue(this.#crypto, this.#secret, exchange, 'AUTHENTICATE')
    const encoder = new TextEncoder()
    const found = encoder.encode(requiredText(directives, 'response'))
    if (!this.#crypto.equal(found, encoder.encode(expected))) {
      throw new SaslRefusedError('other', 'log in: the response does not fit the password')
    }
    if (exchange.authzid !== undefined && exchange.authzid !== username) {
      throw new SaslRefusedError('other', 'log in: nobody may act as somebody else here')
    }
    const proof = responseValue(this.#crypto, this.#secret, exchange, '')
    return writeDirectives([['rspauth', proof]], new Set(['rspauth']))
  }

  /** What guards the messages from now on; undefined when only the login was asked for. */
  layer(): DigestLayer | undefined {
    if (this.#qop === 'auth') return undefined
    return new DigestLayer(this.#crypto, this.#secret, 'server', this.#cipher)
  }

  #negotiate(directives: Directives): void {
    this.#expect(directives, 'nonce', [this.#nonce])
    this.#expect(directives, 'nc', [nonceCount])
    this.#expect(directives, 'realm', [digestRealm])
    this.#expect(directives, 'digest-uri', [digestUri])
    this.#expect(directives, 'charset', [undefined, 'utf-8'])
    const qop = qopOf(textOf(directives, 'qop') ?? 'auth')
    if (qop === undefined || !this.#options.qops.includes(qop)) {
      const found = textOf(directives, 'qop') ?? 'none'
      throw new SaslRefusedError('other', `log in: found qop ${found}; ${this.#options.qops} are allowed`)
    }
    this.#qop = qop
    this.#peerTokenBytes = tokenBytesOf(textOf(directives, 'maxbuf'))
    if (qop !== 'auth-conf') return
    const names = list(textOf(directives, 'cipher') ?? '')
    this.#cipher = names.length === 1 ? digestCipherOf(names[0]!) : undefined
    if (this.#cipher === undefined) {
      throw new SaslRefusedError(
        'other',
        `log in: found cipher ${names.join(', ') || 'none'}; one of ${digestCiphers.join(', ')} is allowed`,
      )
    }
  }

  #expect(directives: Directives, name: string, allowed: readonly (string | undefined)[]): void {
    const found = textOf(directives, name)
    if (allowed.includes(found)) return
    throw new ProtocolError(
      'ERR_SASL_DIRECTIVE',
      `read a response of DIGEST-MD5: found ${name} to be ${found ?? 'missing'}; ${allowed.join(' or ')} is expected`,
      { path: name },
    )
  }
}
