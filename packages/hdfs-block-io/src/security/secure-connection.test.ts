import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError, ReceiveBuffer } from '@cairn/bytes'
import {
  digestCiphers,
  type Qop,
  SaslClientHandshake,
  SaslRefusedError,
  SaslServerHandshake,
} from '@cairn/hdfs-protocol'
import { type Connection, connectTcp, listenTcp, memoryPair } from '@cairn/transport'
import { DatanodeConnections } from '../datanode-connections.ts'
import { DatanodeSecurity } from './datanode-security.ts'
import { hmacSha1, nodeCrypto } from './node-crypto.ts'
import { secureConnection } from './secure-connection.ts'

const timeoutMs = 10_000

function client(qop: Qop, aes = false, password = 'secret'): SaslClientHandshake {
  return new SaslClientHandshake(nodeCrypto, {
    username: 'somebody',
    password,
    qops: [qop],
    ciphers: digestCiphers,
    aes,
  })
}

function server(aesKeyBits: 0 | 128 = 0): SaslServerHandshake {
  return new SaslServerHandshake(nodeCrypto, {
    qops: ['auth', 'auth-int', 'auth-conf'],
    passwordOf: () => 'secret',
    aesKeyBits,
  })
}

async function secured(
  qop: Qop,
  aes: boolean,
  pair: readonly [Connection, Connection],
): Promise<[Connection, Connection]> {
  return await Promise.all([
    secureConnection(pair[0], client(qop, aes), { timeoutMs }),
    secureConnection(pair[1], server(aes ? 128 : 0), { timeoutMs }),
  ])
}

/** Two ends of a TCP connection. */
async function tcpPair(): Promise<{ pair: [Connection, Connection]; close(): Promise<void> }> {
  let accepted: (connection: Connection) => void = () => {}
  const other = new Promise<Connection>((resolve) => {
    accepted = resolve
  })
  const listener = await listenTcp({ host: '127.0.0.1', port: 0, onConnection: (one) => accepted(one) })
  const one = await connectTcp({ host: '127.0.0.1', port: listener.port, timeoutMs })
  return { pair: [one, await other], close: () => listener.close() }
}

/** Everything that arrives until the other end ends. */
function collect(connection: Connection, onBytes?: (input: ReceiveBuffer) => void): Promise<Buffer> {
  const input = new ReceiveBuffer({ maxBytes: 16 << 20 })
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    connection.start({
      input,
      onReceive() {
        onBytes?.(input)
        parts.push(Buffer.from(input.view()))
        input.consume(input.length)
      },
      onEnd() {
        connection.end()
        resolve(Buffer.concat(parts))
      },
      onClose: (error) => error && reject(error),
    })
  })
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
}

const kinds: [Qop, boolean][] = [
  ['auth', false],
  ['auth-int', false],
  ['auth-conf', false],
  ['auth-conf', true],
]

for (const [qop, aes] of kinds) {
  test(`[sasl.stream.1] [sasl.stream.2] bytes of every size pass both ways over ${qop}${aes ? ' with AES' : ''}`, async () => {
    for (const chunkBytes of [1, 7, 1000, 1 << 20]) {
      const sizes = chunkBytes === 1 ? [0, 1, 300] : [0, 1, 5, 70_000, 300_000]
      for (const from of [0, 1] as const) {
        const ends = await secured(qop, aes, memoryPair({ chunkBytes }))
        const arrived = collect(ends[from === 0 ? 1 : 0])
        for (const size of sizes) ends[from].write(pattern(size))
        ends[from].end()
        assert.deepEqual(await arrived, Buffer.concat(sizes.map(pattern)))
      }
    }
  })
}

test('views of the input stay as they are while the connection is paused', async () => {
  const { pair, close } = await tcpPair()
  const [one, other] = await secured('auth-conf', true, pair)
  const input = new ReceiveBuffer({ maxBytes: 16 << 20 })
  const total = 2_000_000
  let taken = 0
  let pauses = 0
  await new Promise<void>((resolve, reject) => {
    other.start({
      input,
      onReceive() {
        const view = input.view()
        const before = Buffer.from(view)
        other.pause()
        pauses++
        setImmediate(() => {
          assert.ok(before.equals(view))
          taken += view.length
          input.consume(view.length)
          if (taken === total) resolve()
          else other.resume()
        })
      },
      onClose: (error) => reject(error ?? new Error('closed')),
    })
    one.start({ input: new ReceiveBuffer({ maxBytes: 1024 }), onReceive() {}, onClose() {} })
    one.write(pattern(total))
  })
  assert.ok(pauses > 1)
  one.destroy()
  other.destroy()
  await Promise.all([one.done, other.done, close()])
})

test('the end of the peer comes behind what it sent, even when reading paused before', async () => {
  const { pair, close } = await tcpPair()
  const [one, other] = await secured('auth-int', false, pair)
  let first = true
  const arrived = collect(other, () => {
    if (!first) return
    first = false
    other.pause()
    setImmediate(() => other.resume())
  })
  one.start({ input: new ReceiveBuffer({ maxBytes: 1024 }), onReceive() {}, onClose() {} })
  for (let index = 0; index < 20; index++) one.write(pattern(50_000))
  one.end()
  assert.equal((await arrived).length, 1_000_000)
  await Promise.all([one.done, other.done, close()])
})

test('[sasl.handshake.5] who is refused hears why; both connections close', async () => {
  const { pair, close } = await tcpPair()
  const results = await Promise.allSettled([
    secureConnection(pair[0], client('auth-conf', false, 'wrong'), { timeoutMs }),
    secureConnection(pair[1], server(), { timeoutMs }),
  ])
  for (const result of results) {
    assert.equal(result.status, 'rejected')
    assert.ok(result.reason instanceof SaslRefusedError)
    assert.match(result.reason.message, /does not fit the password/)
  }
  await Promise.all([pair[0].done, pair[1].done, close()])
})

test('[sasl.handshake.2] a peer that begins with an operation gets no answer', async () => {
  const { pair, close } = await tcpPair()
  const answer = collect(pair[0]).catch(() => Buffer.alloc(0))
  pair[0].write(Uint8Array.of(0, 28, 81, 0))
  await assert.rejects(
    secureConnection(pair[1], server(), { timeoutMs }),
    (error) => error instanceof ProtocolError && error.code === 'ERR_SASL_MAGIC',
  )
  assert.equal((await answer).length, 0)
  await Promise.all([pair[1].done, close()])
})

test('a handshake ends by time, by signal and by the end of the peer', async () => {
  const silent = memoryPair()
  await assert.rejects(
    secureConnection(silent[0], client('auth'), { timeoutMs: 20 }),
    /no end of it in 20 ms/,
  )
  assert.ok(silent[0].closed)

  const aborted = memoryPair()
  const aborter = new AbortController()
  const asked = secureConnection(aborted[0], client('auth'), { timeoutMs, signal: aborter.signal })
  aborter.abort(new Error('enough'))
  await assert.rejects(asked, /enough/)
  const late = secureConnection(memoryPair()[0], client('auth'), { timeoutMs, signal: aborter.signal })
  await assert.rejects(late, /enough/)

  const ended = memoryPair()
  ended[1].start({ input: new ReceiveBuffer({ maxBytes: 1 << 16 }), onReceive() {}, onClose() {} })
  ended[1].end()
  await assert.rejects(secureConnection(ended[0], client('auth'), { timeoutMs }), /closed the connection/)
})

test('a message that was changed on the way ends the connection', async () => {
  const [near, far] = memoryPair()
  const [relayNear, relayFar] = memoryPair()
  let spoil = false
  const relay = (from: Connection, to: Connection): void => {
    const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
    from.start({
      input,
      onReceive() {
        const bytes = input.view().slice()
        input.consume(bytes.length)
        if (spoil) bytes[bytes.length >> 1]! ^= 1
        to.write(bytes)
      },
      onClose: () => to.destroy(),
    })
  }
  relay(far, relayNear)
  relay(relayNear, far)
  const [one, other] = await secured('auth-int', false, [near, relayFar])
  spoil = true
  const closed = collect(other)
  one.start({ input: new ReceiveBuffer({ maxBytes: 1024 }), onReceive() {}, onClose() {} })
  one.write(pattern(100))
  await assert.rejects(closed, (error) => error instanceof ProtocolError && error.code === 'ERR_SASL_TOKEN')
})

test('[sasl.handshake.5] [sasl.user.2] a key that is not known any more is asked for again, once', async () => {
  const blockKey = Uint8Array.of(1, 2, 3)
  const made: number[] = []
  const security = new DatanodeSecurity({
    encryptionKey: (blockPoolId) => {
      const keyId = made.length
      made.push(keyId)
      const nonce = Uint8Array.of(keyId)
      return { keyId, blockPoolId, nonce, encryptionKey: hmacSha1(blockKey, nonce), expiryDate: 0n }
    },
    aes: false,
  })
  let known = 1
  const connections = new DatanodeConnections({
    security,
    async connect() {
      const [one, other] = memoryPair()
      const passwordOf = (username: string): string => {
        const [keyId, , nonce] = username.split(' ')
        if (Number(keyId) < known) throw new SaslRefusedError('key', 'too old')
        return Buffer.from(hmacSha1(blockKey, Buffer.from(nonce!, 'base64'))).toString('base64')
      }
      const handshake = new SaslServerHandshake(nodeCrypto, {
        qops: ['auth-conf'],
        passwordOf,
        aesKeyBits: 0,
      })
      secureConnection(other, handshake, { timeoutMs }).catch(() => {})
      return one
    },
  })
  const purpose = {
    block: { poolId: 'BP-1' },
    token: { identifier: new Uint8Array(0), password: new Uint8Array(0), kind: '', service: '' },
  }
  const opened = await connections.open({ host: 'dn', port: 9866 }, purpose)
  assert.deepEqual(made, [0, 1])
  opened.destroy()
  known = 100
  await assert.rejects(connections.open({ host: 'dn', port: 9866 }, purpose), SaslRefusedError)
  assert.deepEqual(made, [0, 1, 2, 3])
  await connections.close()
})

test('[sasl.when.2] with protection, ports of administrators need no login', () => {
  const security = new DatanodeSecurity({ encryptionKey: () => undefined, protection: ['auth'], aes: false })
  const token = { identifier: new Uint8Array(0), password: new Uint8Array(0), kind: '', service: '' }
  assert.equal(security.handshake({ host: 'dn', port: 1004 }, 'BP-1', token), undefined)
  assert.notEqual(security.handshake({ host: 'dn', port: 9866 }, 'BP-1', token), undefined)
  const off = new DatanodeSecurity({ encryptionKey: () => undefined, aes: true })
  assert.equal(off.handshake({ host: 'dn', port: 9866 }, 'BP-1', token), undefined)
})
