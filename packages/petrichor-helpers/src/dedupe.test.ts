import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyText, Connection, connect, handshake, memoryPair, serve } from '@cairn/petrichor'
import type { Encodable } from '@cairn/tnetstrings'
import { bodyWindow, dedupe } from './index.ts'
import { Window } from './window.ts'

test('[petri.dedupe.1] a repeated message id gets the reply that was given, and does not run twice', async () => {
  let runs = 0
  let letGo = () => {}
  await using server = await serve({
    helpers: [dedupe()],
    handle: async ({ body }) => {
      runs++
      if (bodyText(body) === 'slow')
        await new Promise<void>((resolve) => {
          letGo = resolve
        })
      return { header: { run: runs }, body: `done ${bodyText(body)}` }
    },
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', {
    helpers: [dedupe()],
    correlate: true,
  })
  const first = await conn.request({ mid: 'm1' }, 'pay')
  const again = await conn.request({ mid: 'm1' }, 'pay')
  assert.equal(bodyText(first?.body), 'done pay')
  assert.equal(bodyText(again?.body), 'done pay')
  assert.equal(again?.header.run, 1)
  assert.equal(runs, 1)
  await conn.request({ mid: 'm2' }, 'pay')
  await conn.request({}, 'pay')
  assert.equal(runs, 3)
  const slow = [conn.request({ mid: 'm3' }, 'slow'), conn.request({ mid: 'm3' }, 'slow')]
  await conn.request({ mid: 'm4' }, 'quick')
  letGo()
  assert.deepEqual(
    (await Promise.all(slow)).map((answer) => answer?.header.run),
    [5, 5],
  )
  await conn.close()
})

test("[petri.dedupe.2] replies are one peer's own; a proven name carries them over a reconnection", async () => {
  let runs = 0
  const users = new WeakMap<Connection, string>()
  await using server = await serve({
    accept: ({ header, body }, connection) => {
      const allowed = bodyText(body) === `password of ${header.user}`
      if (allowed) users.set(connection, String(header.user))
      return allowed
    },
    helpers: [dedupe({ peer: (connection) => users.get(connection) })],
    handle: () => ({ body: `run ${++runs}` }),
  })
  const ask = async (user: string) => {
    const { conn } = await connect('127.0.0.1', server.address.port, { user }, `password of ${user}`, {
      helpers: [dedupe()],
    })
    const answer = bodyText((await conn.request({ mid: 'order-1' }, 'x'))?.body)
    await conn.close()
    return answer
  }
  assert.deepEqual(
    [await ask('ada'), await ask('ada'), await ask('eve'), await ask('ada')],
    ['run 1', 'run 1', 'run 2', 'run 1'],
  )

  let unproven = 0
  await using plain = await serve({ helpers: [dedupe()], handle: () => ({ body: `run ${++unproven}` }) })
  for (let i = 1; i <= 2; i++) {
    const { conn } = await connect('127.0.0.1', plain.address.port, {}, '', { helpers: [dedupe()] })
    assert.equal(bodyText((await conn.request({ mid: 'order-1' }, 'x'))?.body), `run ${i}`)
    await conn.close()
  }
})

test('[petri.dedupe.3] a body that was sent before goes as its hash', async () => {
  await using server = await serve({ helpers: [dedupe()], handle: ({ body }) => ({ body }) })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', { helpers: [dedupe()] })
  const written = () => (conn.stream as unknown as { bytesWritten: number }).bytesWritten
  const body = Buffer.alloc(100_000, 'x')
  for (let i = 0; i < 5; i++) {
    const from = written()
    assert.deepEqual((await conn.request({}, body))?.body, new Uint8Array(body))
    assert.ok(i === 0 ? written() - from > body.length : written() - from < 200)
  }
  // More than the window holds: the first is forgotten at both ends at once.
  for (let i = 0; i < bodyWindow.countMax + 10; i++) {
    const one = Buffer.alloc(2000, i.toString(36))
    assert.deepEqual((await conn.request({}, one))?.body, new Uint8Array(one))
  }
  assert.deepEqual((await conn.request({}, body))?.body, new Uint8Array(body))
  const huge = Buffer.alloc(bodyWindow.bytesMax + 1, 'h')
  for (let i = 0; i < 2; i++) assert.deepEqual((await conn.request({}, huge))?.body, new Uint8Array(huge))
  await conn.close()
})

test('[petri.dedupe.3] a message that cannot be written leaves both windows as they were', async () => {
  await using server = await serve({ helpers: [dedupe()], handle: ({ body }) => ({ body }) })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', { helpers: [dedupe()] })
  const body = Buffer.alloc(2000, 'x')
  await assert.rejects(conn.send({ bad: Number.NaN }, body), { code: 'ERR_TNS_VALUE' })
  assert.deepEqual((await conn.request({}, body))?.body, new Uint8Array(body))
  await conn.close()
})

test('[petri.dedupe.4] what replies keep alive is counted whatever they are made of', async () => {
  let runs = 0
  await using server = await serve({
    helpers: [dedupe({ replyBytesMax: 100_000 })],
    handle: ({ header, body }) => ({ header: { run: ++runs, long: header.long }, body }),
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', { helpers: [dedupe()] })
  const run = async (mid: string, body: Encodable, long?: string) =>
    (await conn.request({ mid, long }, body))?.header.run
  assert.deepEqual([await run('small', ['a', 1]), await run('small', ['a', 1])], [1, 1])
  const large = new Uint8Array(200_000)
  assert.deepEqual([await run('list', [large]), await run('list', [large])], [2, 3])
  assert.deepEqual([await run('dict', { large }), await run('dict', { large })], [4, 5])
  const long = 'x'.repeat(60_000)
  assert.deepEqual([await run('header', '', long), await run('header', '', long)], [6, 7])
  assert.equal(await run('small', ['a', 1]), 1)
  await conn.close()
})

test('[petri.dedupe.3] a hash that is not here and a hash that is wrong are refused', async () => {
  for (const [dd, body] of [
    ['0'.repeat(64), null],
    ['0'.repeat(64), new Uint8Array(2000)],
    [7, null],
  ] as const) {
    const [left, right] = memoryPair()
    const raw = new Connection(right)
    const connected = handshake(left, {}, '', { helpers: [dedupe()] })
    await raw.recv()
    await raw.send({ can: ['dd'] })
    const { conn } = await connected
    await raw.send({ dd }, body)
    await assert.rejects(conn.recv(), { code: 'ERR_PETRICHOR_HELPER' })
  }
})

test('[petri.dedupe.4] a window is bounded in number and bytes', () => {
  const window = new Window<number>(3, 100)
  for (let i = 0; i < 10; i++) window.set(String(i), i, 20)
  assert.deepEqual([window.size, window.bytes], [3, 60])
  window.set('large', 0, 90)
  assert.deepEqual([window.size, window.bytes, window.get('9')], [1, 90, undefined])
  window.set('too large', 0, 101)
  assert.deepEqual([window.size, window.get('too large')], [1, undefined])
  window.set('large', 1, 10)
  assert.deepEqual([window.size, window.bytes, window.get('large')], [1, 10, 1])
})
