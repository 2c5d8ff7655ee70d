import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes, formatHex, ProtocolError, parseHex, ReceiveBuffer } from '@cairn/bytes'
import type { ConnectionCipher } from './connection-cipher.ts'
import { encryptionKeyCredentials, parseEncryptionUser, tokenCredentials } from './credentials.ts'
import { DigestLayer } from './digest-layer.ts'
import {
  type DigestCipher,
  type DigestExchange,
  digestCiphers,
  type Qop,
  qops,
  responseValue,
  sessionSecret,
  tripleDesKey,
} from './digest-md5.ts'
import { parseDirectives, textOf, writeDirectives } from './directives.ts'
import {
  type Handshake,
  type HandshakeStep,
  SaslClientHandshake,
  type SaslClientOptions,
  SaslServerHandshake,
  type SaslServerOptions,
} from './handshake.ts'
import { Rc4 } from './rc4.ts'
import { encodeSaslRefusal, SaslRefusedError } from './sasl-message.ts'
import { testCrypto } from './test-crypto.test-support.ts'

const utf8 = new TextEncoder()

test('[sasl.digest.3] the examples of RFC 2831, section 4', () => {
  const crypto = testCrypto(1)
  const common = { username: 'chris', realm: 'elwood.innosoft.com', password: 'secret', authzid: undefined }
  const imap: DigestExchange = {
    ...common,
    nonce: 'OA6MG9tEQGm2hh',
    cnonce: 'OA6MHXh6VqTrRk',
    qop: 'auth',
    digestUri: 'imap/elwood.innosoft.com',
  }
  const secret = sessionSecret(crypto, imap)
  assert.equal(responseValue(crypto, secret, imap, 'AUTHENTICATE'), 'd388dad90d4bbd760a152321f2143af7')
  assert.equal(responseValue(crypto, secret, imap, ''), 'ea40f60335c427b5527b84dbabcdfffd')
  const acap: DigestExchange = {
    ...imap,
    nonce: 'OA9BSXrbuRhWay',
    cnonce: 'OA9BSuZWMSpW8m',
    digestUri: 'acap/elwood.innosoft.com',
  }
  const other = sessionSecret(crypto, acap)
  assert.equal(responseValue(crypto, other, acap, 'AUTHENTICATE'), '6084c6db3fede7352c551284490fd0fc')
  assert.equal(responseValue(crypto, other, acap, ''), '2f0b3d7c3c2e486600ef710726aa2eae')
})

test('RC4 has the streams of RFC 6229 and goes on where it ended', () => {
  const keystream = (key: string): string => {
    const cipher = new Rc4(parseHex(key))
    return formatHex(concatBytes([cipher.update(new Uint8Array(5)), cipher.update(new Uint8Array(11))]))
  }
  assert.equal(keystream('0102030405'), 'b2396305f03dc027ccc3524a0a1118a8')
  assert.equal(keystream('01020304050607'), '293f02d47f37c9b633f2af5285feb46b')
  assert.equal(keystream('0102030405060708090a0b0c0d0e0f10'), '9ac7cc9a609d1ef7b2932899cde41b97')
})

test('DES keys get 7 bits a byte and odd parity', () => {
  const sealing = parseHex('0123456789abcdef0123456789abcdef')
  const key = tripleDesKey(sealing, '3des')
  assert.deepEqual(key.subarray(16), key.subarray(0, 8))
  let bits = ''
  for (const byte of key.subarray(0, 8)) {
    const text = byte.toString(2).padStart(8, '0')
    assert.equal([...text].filter((bit) => bit === '1').length % 2, 1)
    bits += text.slice(0, 7)
  }
  assert.equal(BigInt(`0b${bits}`).toString(16).padStart(14, '0'), '0123456789abcd')
  assert.deepEqual(tripleDesKey(sealing, 'des').subarray(8, 16), key.subarray(0, 8))
})

test('[sasl.digest.1] directives: quotes, spaces, escapes, repeated realms', () => {
  const found = parseDirectives(utf8.encode(' realm="a\\"b" , ,realm=c,Nonce = "x,y",nc=00000001 ,'))
  assert.equal(found.get('realm')!.length, 2)
  assert.equal(textOf(found, 'realm'), 'a"b')
  assert.equal(textOf(found, 'nonce'), 'x,y')
  assert.equal(textOf(found, 'nc'), '00000001')
  assert.equal(textOf(found, 'qop'), undefined)
  const text = new TextDecoder().decode(
    writeDirectives(
      [
        ['a', 'x"\\'],
        ['b', undefined],
        ['c', '1'],
      ],
      new Set(['c']),
    ),
  )
  assert.equal(text, 'a="x\\"\\\\",c=1')
  for (const bad of [
    'nonce',
    'nonce=',
    '=x',
    'a="x',
    'a=1,a=2',
    'a="1"b',
    'a b=1',
    `a=${'x'.repeat(40_000)}`,
  ]) {
    assert.throws(() => parseDirectives(utf8.encode(bad)), ProtocolError, bad)
  }
})

/** Runs both ends against each other, handing bytes over in pieces of at most `chunk`. */
function shake(
  client: Handshake,
  server: Handshake,
  chunk: number,
): { client: HandshakeStep['done']; server: HandshakeStep['done'] } {
  const inputs = {
    client: new ReceiveBuffer({ maxBytes: 1 << 20 }),
    server: new ReceiveBuffer({ maxBytes: 1 << 20 }),
  }
  const done: { client: HandshakeStep['done']; server: HandshakeStep['done'] } = {
    client: undefined,
    server: undefined,
  }
  const give = (to: 'client' | 'server', bytes: Uint8Array | undefined): void => {
    if (bytes === undefined) return
    for (let at = 0; at < bytes.length; at += chunk) {
      inputs[to].push(bytes.subarray(at, at + chunk))
      const step = (to === 'client' ? client : server).next(inputs[to])
      if (step === undefined) continue
      if (step.done) done[to] = step.done
      give(to === 'client' ? 'server' : 'client', step.send)
    }
  }
  give('server', client.start())
  return done
}

function ends(
  clientOptions: Partial<SaslClientOptions> = {},
  serverOptions: Partial<SaslServerOptions> = {},
): [SaslClientHandshake, SaslServerHandshake] {
  const client = new SaslClientHandshake(testCrypto(1), {
    username: 'a user',
    password: 'its password',
    qops: ['auth-conf'],
    ciphers: digestCiphers,
    aes: false,
    ...clientOptions,
  })
  const server = new SaslServerHandshake(testCrypto(2), {
    qops,
    passwordOf: (username) => (username === 'a user' ? 'its password' : ''),
    aesKeyBits: 0,
    ...serverOptions,
  })
  return [client, server]
}

function sealed(cipher: ConnectionCipher, data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  cipher.seal(data, (bytes) => parts.push(bytes.slice()))
  return concatBytes(parts)
}

function opened(cipher: ConnectionCipher, bytes: Uint8Array, chunk: number): Uint8Array {
  const input = new ReceiveBuffer({ maxBytes: 1 << 22 })
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunk) {
    input.push(bytes.subarray(at, at + chunk))
    for (let part = cipher.open(input); part !== undefined; part = cipher.open(input))
      parts.push(part.slice())
  }
  return concatBytes(parts)
}

/** Data in both directions, several times, so that chained ciphers must go on. */
function talk(one: ConnectionCipher, other: ConnectionCipher): void {
  const crypto = testCrypto(7)
  for (const length of [1, 7, 8, 100, 0, 200_000, 13]) {
    const data = crypto.randomBytes(length)
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      assert.deepEqual(opened(to, sealed(from, data), 70_001), new Uint8Array(data))
    }
  }
}

test('[sasl.handshake.1] every quality and cipher, at every size of pieces', () => {
  const cases: [Qop, DigestCipher | undefined][] = [
    ['auth', undefined],
    ['auth-int', undefined],
    ...digestCiphers.map((cipher): [Qop, DigestCipher] => ['auth-conf', cipher]),
  ]
  for (const [qop, cipher] of cases) {
    for (const chunk of [1, 2, 3, 5, 64, 4096]) {
      const options = { qops: [qop], ciphers: cipher ? [cipher] : digestCiphers }
      const done = shake(...ends(options), chunk)
      assert.equal(done.client?.qop, qop)
      assert.equal(done.server?.qop, qop)
      if (qop === 'auth') {
        assert.equal(done.client?.cipher, undefined)
        assert.equal(done.server?.cipher, undefined)
      } else {
        talk(done.client!.cipher!, done.server!.cipher!)
      }
    }
  }
})

test('[sasl.handshake.4] AES/CTR with keys of every length, when both want it', () => {
  for (const bits of [128, 192, 256] as const) {
    const done = shake(...ends({ aes: true }, { aesKeyBits: bits }), 100)
    assert.equal(done.client?.aes, true)
    assert.equal(done.server?.aes, true)
    talk(done.client!.cipher!, done.server!.cipher!)
  }
  for (const [ours, bits] of [
    [true, 0],
    [false, 128],
  ] as const) {
    const done = shake(...ends({ aes: ours }, { aesKeyBits: bits }), 100)
    assert.equal(done.client?.aes, false)
    talk(done.client!.cipher!, done.server!.cipher!)
  }
})

test('[sasl.digest.4] the client takes its best quality and cipher of those offered', () => {
  const done = shake(...ends({ qops: ['auth-conf', 'auth-int'] }, { qops: ['auth', 'auth-int'] }), 10)
  assert.equal(done.client?.qop, 'auth-int')
  assert.throws(() => shake(...ends({ qops: ['auth-conf'] }, { qops: ['auth'] }), 10), SaslRefusedError)
})

test('[sasl.handshake.3] a token may narrow the quality, never widen it', () => {
  const secret = (qop: string) => ({ handshakeSecret: { secret: utf8.encode(qop), bpid: 'BP-1' } })
  const done = shake(...ends({ ...secret('auth-int'), qops: ['auth-conf', 'auth-int'] }), 10)
  assert.equal(done.server?.qop, 'auth-int')
  for (const wrong of ['auth', 'nonsense']) {
    const pair = ends({ ...secret(wrong), qops }, { qops: ['auth-conf'] })
    assert.throws(() => shake(...pair, 10), SaslRefusedError, wrong)
  }
})

test('[sasl.digest.3] a wrong password is refused by either end', () => {
  assert.throws(() => shake(...ends({ password: 'other' }), 10), SaslRefusedError)
  assert.throws(() => shake(...ends({ username: 'nobody' }), 10), SaslRefusedError)
  // A server without the password cannot prove that it has it: it answers with the proof of another one.
  const [client, server] = ends()
  const forged = {
    start: () => undefined,
    next(input: ReceiveBuffer) {
      const step = server.next(input)
      if (step?.done === undefined) return step
      const bytes = step.send!.slice()
      const at = bytes.length - 1
      bytes[at] = bytes[at]! === 0x30 ? 0x31 : 0x30
      return { ...step, send: bytes }
    },
  }
  assert.throws(() => shake(client, forged, 4096), SaslRefusedError)
})

test('[sasl.handshake.5] a refusal says whether a key, a token or something else was wrong', () => {
  for (const kind of ['key', 'token', 'other'] as const) {
    const [client] = ends()
    client.start()
    const input = new ReceiveBuffer({ maxBytes: 1 << 16 })
    input.push(encodeSaslRefusal(kind, 'no such thing'))
    assert.throws(
      () => client.next(input),
      (error) =>
        error instanceof SaslRefusedError && error.kind === kind && /no such thing/.test(error.message),
    )
  }
})

test('[sasl.handshake.2] a server takes nothing before the magic number', () => {
  for (const first of ['001c51', 'de00', 'deadbee0', '47455420']) {
    const [, server] = ends()
    const input = new ReceiveBuffer({ maxBytes: 1 << 16 })
    input.push(parseHex(first))
    assert.throws(
      () => server.next(input),
      (error) => error instanceof ProtocolError && error.code === 'ERR_SASL_MAGIC',
    )
  }
})

test('[sasl.layer.3] a token that was changed, repeated, left out or cut is refused', () => {
  const crypto = testCrypto(3)
  const secret = crypto.randomBytes(16)
  for (const cipher of [undefined, ...digestCiphers]) {
    const messages = [utf8.encode('first'), utf8.encode('second message')]
    const client = new DigestLayer(crypto, secret, 'client', cipher)
    const tokens = messages.map((message) => client.wrap(message))
    const fresh = (): DigestLayer => new DigestLayer(crypto, secret, 'server', cipher)
    const server = fresh()
    assert.deepEqual(
      tokens.map((token) => new TextDecoder().decode(server.unwrap(token))),
      ['first', 'second message'],
    )
    assert.throws(() => server.unwrap(tokens[1]!), ProtocolError)
    assert.throws(() => fresh().unwrap(tokens[1]!), ProtocolError)
    const token = tokens[0]!
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice()
      changed[at]! ^= 0x10
      assert.throws(() => fresh().unwrap(changed), ProtocolError, `${cipher} byte ${at}`)
    }
    for (let length = 1; length < token.length; length++) {
      assert.throws(() => fresh().unwrap(token.subarray(0, length)), ProtocolError)
    }
    assert.equal(fresh().unwrap(new Uint8Array(0)).length, 0)
  }
})

test('[sasl.stream.1] a length beyond the limit is refused before it is waited for', () => {
  const done = shake(...ends({ qops: ['auth-int'] }), 4096)
  for (const length of ['7fffffff', 'ffffffff', '02000000']) {
    const input = new ReceiveBuffer({ maxBytes: 1 << 16 })
    input.push(parseHex(length))
    assert.throws(() => done.server!.cipher!.open(input), ProtocolError)
  }
})

test('handshakes of random bytes end in an error or wait for more', () => {
  const random = testCrypto(9)
  for (let round = 0; round < 2_000; round++) {
    const [client, server] = ends()
    client.start()
    for (const end of [client, server]) {
      const input = new ReceiveBuffer({ maxBytes: 1 << 16 })
      if (end === server) input.push(parseHex('deadbeef'))
      input.push(random.randomBytes(round % 97))
      try {
        while (end.next(input) !== undefined);
      } catch (error) {
        assert.ok(error instanceof ProtocolError || error instanceof SaslRefusedError, String(error))
      }
    }
  }
})

test('[sasl.user.1] [sasl.user.2] tokens and encryption keys as user names', () => {
  const token = { identifier: Uint8Array.of(0x8a, 1, 2), password: Uint8Array.of(255) }
  assert.deepEqual(tokenCredentials(token), { username: 'igEC', password: '/w==' })
  const key = {
    keyId: 0x8000_0001,
    blockPoolId: 'BP-1',
    nonce: Uint8Array.of(1, 2, 3),
    encryptionKey: token.password,
  }
  const { username, password } = encryptionKeyCredentials(key)
  assert.equal(username, '-2147483647 BP-1 AQID')
  assert.equal(password, '/w==')
  assert.deepEqual(parseEncryptionUser(username), {
    keyId: -2147483647,
    blockPoolId: 'BP-1',
    nonce: key.nonce,
  })
  for (const bad of ['', '1 BP', '1 BP x y', 'x BP AQID', '1  AQID', '1 BP *']) {
    assert.throws(() => parseEncryptionUser(bad), ProtocolError, bad)
  }
})
