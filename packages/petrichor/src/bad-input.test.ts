import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { randomBytes, randomInteger, seededRandom } from '@cairn/testkit'
import { bodyText, type Connection, connect, type PetrichorError, type Server, serve } from './index.ts'
import { RawPeer, until } from './testing/raw-peer.ts'

/** What all bad peers of this file together may cost. */
const budgetBytes = 64 << 20
const hello = '0:}0:,'

let server: Server
let good: Connection
let errors: string[] = []
let memoryBefore = 0

before(async () => {
  server = await serve({
    limits: { handshakeMs: 700, messageMs: 700, writeMs: 500 },
    bytesMax: 16 << 20,
    handle: ({ body }) => ({ body }),
    onConnectionError: (error) => errors.push((error as PetrichorError).code),
  })
  good = (await connect('127.0.0.1', server.address.port, {})).conn
  memoryBefore = process.memoryUsage().rss
})

after(async () => {
  const grown = process.memoryUsage().rss - memoryBefore
  await good.close()
  await server.close()
  assert.ok(grown < budgetBytes * 2, `${grown} bytes more than before, peers of the same process among them`)
})

/** What a bad peer is closed with, while a good one is served before and after. */
async function closedWith(bytes: string | Uint8Array, prefix = ''): Promise<string> {
  errors = []
  assert.equal(bodyText((await good.request({}, 'before'))?.body), 'before')
  const peer = await RawPeer.connect(server.address.port)
  peer.write(prefix)
  peer.write(bytes)
  await peer.ended()
  await until(() => errors.length > 0, 'the server names what was wrong')
  peer.close()
  assert.equal(bodyText((await good.request({}, 'after'))?.body), 'after')
  assert.equal(errors.length, 1)
  return errors[0]!
}

test('every reject vector ends its own connection, as header, as body and as first message', async () => {
  const url = new URL('../../tnetstrings/test-data/vectors.json', import.meta.url)
  const { reject } = JSON.parse(readFileSync(url, 'utf8')) as { reject: { hex: string; why: string }[] }
  for (const { hex, why } of reject) {
    if (hex === '') continue
    for (const prefix of ['', hello, `${hello}0:}`]) {
      errors = []
      const peer = await RawPeer.connect(server.address.port)
      peer.write(prefix)
      peer.socket.end(Buffer.from(hex, 'hex'))
      await peer.ended()
      await until(() => errors.length > 0, `'${why}' is told`)
      assert.match(errors[0]!, /^ERR_(TNS|PETRICHOR)_/)
      peer.close()
    }
  }
  assert.equal(bodyText((await good.request({}, 'still here'))?.body), 'still here')
})

test('random bytes', async () => {
  const random = seededRandom(8)
  for (let round = 0; round < 50; round++) {
    const bytes = randomBytes(random, 1 + randomInteger(random, 2000))
    bytes[0] = 200
    assert.equal(await closedWith(bytes, round % 2 === 0 ? hello : ''), 'ERR_TNS_SIZE')
  }
})

test('a truncated message', async () => {
  errors = []
  const peer = await RawPeer.connect(server.address.port)
  peer.write(hello)
  peer.socket.end('0:}100:only this')
  await peer.ended()
  await until(() => errors.length > 0, 'the truncation is told')
  assert.deepEqual(errors, ['ERR_PETRICHOR_TRUNCATED'])
  peer.close()
})

test('messages that are too large, before their bytes come', async () => {
  assert.equal(await closedWith('999999999:', hello), 'ERR_TNS_TOO_LARGE')
  assert.equal(await closedWith('0:}999999999:', hello), 'ERR_TNS_TOO_LARGE')
  assert.equal(await closedWith('1000000000:', hello), 'ERR_TNS_SIZE')
  assert.equal(await closedWith('5000:', ''), 'ERR_TNS_TOO_LARGE')
})

test('a header that is no dict', async () => {
  assert.equal(await closedWith('5:hello,0:,', hello), 'ERR_PETRICHOR_HEADER')
  assert.equal(await closedWith('0:]0:,', ''), 'ERR_PETRICHOR_HEADER')
})

test('10,000 lists inside each other, in a body and in a header', async () => {
  let lists = ''
  for (let level = 0; level < 10_000; level++) lists = `${lists.length}:${lists}]`
  assert.equal(await closedWith(`0:}${lists}`, hello), 'ERR_TNS_DEPTH')
  const dict = `1:a,${lists}`
  assert.equal(await closedWith(`${dict.length}:${dict}}0:,`, hello), 'ERR_TNS_TOO_LARGE')
  const small = `1:a,${'0:]'}`
  let header = small
  for (let level = 0; level < 20; level++) header = `1:a,${header.length}:${header}}`
  assert.equal(await closedWith(`${header.length}:${header}}0:,`, hello), 'ERR_TNS_DEPTH')
})

test('[petri.deadline.2] one byte a second: here one every 50 ms with a deadline of 700 ms', async () => {
  for (const prefix of ['', hello]) {
    errors = []
    const peer = await RawPeer.connect(server.address.port)
    peer.socket.on('error', () => {})
    peer.write(prefix)
    const drip = setInterval(() => peer.write('1'.slice(0, 1)), 50)
    peer.write('0:}900:')
    await peer.ended()
    clearInterval(drip)
    await until(() => errors.length > 0, 'the slow sender is dropped')
    const expected = prefix === '' ? 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' : 'ERR_PETRICHOR_MESSAGE_TIMEOUT'
    assert.deepEqual(errors, [expected])
    peer.close()
  }
})

test('a peer that never reads is dropped while others are served', async () => {
  const message = Buffer.concat([Buffer.from('0:}1000000:'), Buffer.alloc(1_000_000), Buffer.from(',')])
  errors = []
  const peer = await RawPeer.connect(server.address.port)
  peer.socket.on('error', () => {}).pause()
  peer.write(hello)
  for (let i = 0; i < 32; i++) peer.socket.write(message)
  let served = 0
  while (errors.length === 0) {
    assert.equal(bodyText((await good.request({}, 'served'))?.body), 'served')
    served++
  }
  assert.deepEqual(errors, ['ERR_PETRICHOR_PEER_NOT_READING'])
  assert.ok(served > 10)
  peer.close()
})

test('[petri.limit.4] unfinished messages of all peers together stay within their budget', async () => {
  errors = []
  const peers = await Promise.all(Array.from({ length: 40 }, () => RawPeer.connect(server.address.port)))
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, server.bytes)
  }, 1)
  for (const peer of peers) {
    peer.socket.on('error', () => {})
    peer.write(`${hello}0:}16000000:`)
    for (let i = 0; i < 10; i++) peer.write(Buffer.alloc(100_000))
  }
  await until(() => errors.length >= 20, 'those beyond the budget are dropped')
  assert.deepEqual([...new Set(errors)], ['ERR_PETRICHOR_MEMORY'])
  assert.equal(bodyText((await good.request({}, 'fine'))?.body), 'fine')
  for (const peer of peers) peer.close()
  await until(() => server.bytes === 0, 'nothing is accounted any more')
  clearInterval(watch)
  assert.ok(most <= 16 << 20 && most > 1 << 20, `${most} bytes`)
})

test('[petri.limit.3] no more connections than allowed, in all and from one address', async () => {
  for (const limit of [{ connectionsMax: 2 }, { connectionsPerAddressMax: 2 }]) {
    await using small = await serve({ ...limit, handle: ({ body }) => ({ body }) })
    const first = await connect('127.0.0.1', small.address.port, {})
    const second = await connect('127.0.0.1', small.address.port, {})
    await assert.rejects(connect('127.0.0.1', small.address.port, {}))
    assert.equal(bodyText((await first.conn.request({}, 'a'))?.body), 'a')
    await second.conn.close()
    await until(() => small.connections.size === 1, 'the place is free again')
    const third = await connect('127.0.0.1', small.address.port, {})
    assert.equal(bodyText((await third.conn.request({}, 'c'))?.body), 'c')
    await Promise.all([first.conn.close(), third.conn.close()])
  }
})
