import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatHex, parseHex } from '@cairn/bytes'
import { fromBase64 } from './credentials.ts'
import { DigestClient } from './digest-client.ts'
import { type DigestCipher, digestCiphers, type Qop } from './digest-md5.ts'
import { DigestServer } from './digest-server.ts'
import { parseDirectives, textOf } from './directives.ts'
import type { SaslCrypto } from './sasl-crypto.ts'
import { testCrypto } from './test-crypto.test-support.ts'

interface JavaDigest {
  readonly qop: Qop
  readonly cipher?: DigestCipher
  readonly challenge: string
  readonly response: string
  readonly proof: string
  readonly up: readonly string[]
  readonly down: readonly string[]
}

/** Both ends of Java's DIGEST-MD5, recorded by tools/SecurityVectors.java. */
const java = JSON.parse(
  readFileSync(new URL('../../test-data/security-java.json', import.meta.url), 'utf8'),
) as { digests: readonly JavaDigest[] }

const username = '-1712 BP-1-127.0.0.1-7 qg2Xn1k='
const password = 'c2VjcmV0'
const messages = ['a', 'seven b', 'eight by', 'a message of more than one block']
const encoder = new TextEncoder()

/** Its random bytes are those that made Java's nonce. */
function withNonce(nonce: string): SaslCrypto {
  return { ...testCrypto(1), randomBytes: () => fromBase64(nonce) }
}

for (const digest of java.digests) {
  const name = `${digest.qop} ${digest.cipher ?? ''}`

  test(`[sasl.digest.2] [sasl.layer.1] [sasl.layer.2] in Java's place, byte for byte: ${name}`, () => {
    const challenge = parseHex(digest.challenge)
    const response = parseHex(digest.response)
    const proof = parseHex(digest.proof)
    const cnonce = textOf(parseDirectives(response), 'cnonce')!
    const client = new DigestClient(withNonce(cnonce), {
      username,
      password,
      qops: [digest.qop],
      ciphers: digest.cipher ? [digest.cipher] : digestCiphers,
    })
    assert.equal(new TextDecoder().decode(client.respond(challenge)), new TextDecoder().decode(response))
    client.verify(proof)

    const nonce = textOf(parseDirectives(challenge), 'nonce')!
    const server = new DigestServer(withNonce(nonce), { qops: [digest.qop], passwordOf: () => password })
    assert.equal(new TextDecoder().decode(server.challenge()), new TextDecoder().decode(challenge))
    assert.deepEqual(server.accept(response), proof)

    const up = client.layer()
    const down = server.layer()
    assert.equal(up === undefined, digest.qop === 'auth')
    for (const [index, message] of messages.entries()) {
      if (up === undefined || down === undefined) break
      assert.equal(formatHex(up.wrap(encoder.encode(message))), digest.up[index])
      assert.equal(formatHex(down.wrap(encoder.encode(message))), digest.down[index])
      assert.equal(new TextDecoder().decode(up.unwrap(parseHex(digest.down[index]!))), message)
      assert.equal(new TextDecoder().decode(down.unwrap(parseHex(digest.up[index]!))), message)
    }
  })
}
