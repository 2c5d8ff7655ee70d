import { ProtocolError } from '@cairn/bytes'
import { DigestLayer } from './digest-layer.ts'
import {
  type DigestCipher,
  type DigestExchange,
  digestUri,
  nonceCount,
  type Qop,
  responseValue,
  sessionSecret,
} from './digest-md5.ts'
import { parseDirectives, requiredText, textOf, writeDirectives } from './directives.ts'
import type { SaslCrypto } from './sasl-crypto.ts'
import { SaslRefusedError } from './sasl-message.ts'

/** Who logs in, and with what protection. */
export interface DigestClientOptions {
  readonly username: string
  readonly password: string
  /** Qualities of protection that are good enough, the best first. */
  readonly qops: readonly Qop[]
  /** Ciphers for `auth-conf`, the best first. */
  readonly ciphers: readonly DigestCipher[]
}

/** What a token may have by default, both ways. */
export const maxbufDefault = 65_536

const unquoted = new Set(['charset', 'nc', 'maxbuf', 'response', 'qop'])

/** The client's end of DIGEST-MD5: one challenge, one response, one proof of the server. */
export class DigestClient {
  readonly #crypto: SaslCrypto
  readonly #options: DigestClientOptions
  #qop: Qop = 'auth'
  #cipher: DigestCipher | undefined
  #exchange: DigestExchange | undefined
  #secret = new Uint8Array(0)
  #peerTokenBytes = maxbufDefault

  constructor(crypto: SaslCrypto, options: DigestClientOptions) {
    this.#crypto = crypto
    this.#options = options
  }

  get qop(): Qop {
    return this.#qop
  }

  /** The largest token that the server takes. */
  get peerTokenBytes(): number {
    return this.#peerTokenBytes
  }

  /** Answers the server's challenge [sasl.digest.2] [sasl.digest.4]. */
  respond(challenge: Uint8Array): Uint8Array {
    const directives = parseDirectives(challenge)
    const algorithm = requiredText(directives, 'algorithm')
    if (algorithm !== 'md5-sess') {
      throw new ProtocolError(
        'ERR_SASL_ALGORITHM',
        `answer a challenge: found algorithm ${algorithm}; md5-sess is allowed`,
      )
    }
    const offered = list(textOf(directives, 'qop') ?? 'auth')
    this.#qop = this.#choose(this.#options.qops, offered, 'qualities of protection')
    if (this.#qop === 'auth-conf') {
      const ciphers = list(textOf(directives, 'cipher') ?? '')
      this.#cipher = this.#choose(this.#options.ciphers, ciphers, 'ciphers')
    }
    this.#peerTokenBytes = tokenBytesOf(textOf(directives, 'maxbuf'))
    const { username, password } = this.#options
    const exchange: DigestExchange = {
      username,
      password,
      realm: textOf(directives, 'realm') ?? '',
      nonce: requiredText(directives, 'nonce'),
      cnonce: newNonce(this.#crypto),
      qop: this.#qop,
      digestUri,
      // Java's client says whom it acts as, always itself.
      authzid: username,
    }
    this.#exchange = exchange
    this.#secret = new Uint8Array(sessionSecret(this.#crypto, exchange))
    return writeDirectives(
      [
        ['charset', textOf(directives, 'charset')],
        ['username', username],
        ['realm', exchange.realm === '' ? undefined : exchange.realm],
        ['nonce', exchange.nonce],
        ['nc', nonceCount],
        ['cnonce', exchange.cnonce],
        ['digest-uri', digestUri],
        ['maxbuf', String(maxbufDefault)],
        ['response', responseValue(this.#crypto, this.#secret, exchange, 'AUTHENTICATE')],
        ['qop', this.#qop],
        ['cipher', this.#cipher],
        ['authzid', exchange.authzid],
      ],
      unquoted,
    )
  }

  /** Checks that the server knows the password too; throws `SaslRefusedError` when it does not [sasl.digest.3]. */
  verify(final: Uint8Array): void {
    const proof = requiredText(parseDirectives(final), 'rspauth')
    const expected = responseValue(this.#crypto, this.#secret, this.#exchange!, '')
    const encoder = new TextEncoder()
    if (!this.#crypto.equal(encoder.encode(proof), encoder.encode(expected))) {
      throw new SaslRefusedError('other', 'log in: the server does not know the password')
    }
  }

  /** What guards the messages from now on; undefined when only the login was asked for. */
  layer(): DigestLayer | undefined {
    if (this.#qop === 'auth') return undefined
    return new DigestLayer(this.#crypto, this.#secret, 'client', this.#cipher)
  }

  #choose<T extends string>(ours: readonly T[], theirs: readonly string[], what: string): T {
    const common = ours.find((one) => theirs.includes(one))
    if (common !== undefined) return common
    throw new SaslRefusedError(
      'other',
      `log in: found ${what} ${theirs.join(', ') || 'none'}; ${ours.join(', ')} are allowed`,
    )
  }
}

/** The items of a list with commas or spaces between. */
export function list(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '')
}

/** A peer's `maxbuf`: 1 to 16777215 (RFC 2831, 2.1.1), by default 65536. */
export function tokenBytesOf(text: string | undefined): number {
  if (text === undefined) return maxbufDefault
  const bytes = /^\d{1,8}$/.test(text) ? Number(text) : 0
  if (bytes > 16 && bytes <= 0xffffff) return bytes
  throw new ProtocolError('ERR_SASL_MAXBUF', `read maxbuf: found ${text}; 17 to 16777215 are allowed`)
}

/** A nonce as Java makes them: 30 random bytes in base64. */
export function newNonce(crypto: SaslCrypto): string {
  return btoa(String.fromCharCode(...crypto.randomBytes(30)))
}
