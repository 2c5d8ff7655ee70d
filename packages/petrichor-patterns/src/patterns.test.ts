import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyText, type Connection, connect, type Message, serve } from '@cairn/petrichor'
import { dedupe } from '@cairn/petrichor-helpers'
import { BoundedQueue, Publisher, Pusher, pull, Requester, Router, subscribe, unsubscribe } from './index.ts'

async function until(holds: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it did not come to pass that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const join = async (address: { port: number }, header = {}) =>
  (await connect('127.0.0.1', address.port, header)).conn

test('[petri.pattern.1] a bounded queue drops the newest or the oldest and counts', () => {
  const newest = new BoundedQueue<number>(3)
  const oldest = new BoundedQueue<number>(3, 'drop-oldest')
  for (let i = 0; i < 200; i++) {
    newest.push(i)
    oldest.push(i)
  }
  assert.deepEqual([newest.shift(), newest.shift(), newest.shift(), newest.shift()], [0, 1, 2, undefined])
  assert.deepEqual(
    [oldest.shift(), oldest.shift(), oldest.shift(), oldest.shift()],
    [197, 198, 199, undefined],
  )
  assert.deepEqual([newest.dropped, oldest.dropped], [197, 197])
  for (let i = 0; i < 1000; i++) {
    assert.equal(newest.push(i), true)
    assert.equal(newest.shift(), i)
  }
  const weighed = new BoundedQueue<string>(10, 'drop-oldest', 100)
  for (const name of ['a', 'b', 'c']) weighed.push(name, 40)
  assert.deepEqual([weighed.size, weighed.bytes, weighed.dropped], [2, 80, 1])
  assert.equal(weighed.push('too large', 101), false)
  assert.deepEqual([weighed.size, weighed.bytes], [0, 0])
})

test('[petri.pattern.2] publish/subscribe: by topic, and one who leaves gets no more', async () => {
  await using publisher = await Publisher.listen()
  const one = await join(publisher.address)
  const two = await join(publisher.address)
  await subscribe(one, 'weather.')
  await subscribe(two, 'weather.north', 'sport')
  await until(
    () => publisher.status.reduce((sum, { topics }) => sum + topics.length, 0) === 3,
    'all have subscribed',
  )
  assert.equal(publisher.publish('weather.north', 'storm'), 2)
  assert.equal(publisher.publish('weather.south', 'sun', { sure: true }), 1)
  assert.equal(publisher.publish('music', 'nobody hears it'), 0)
  assert.equal(publisher.publish('sport', '2:1'), 1)
  const read = async (conn: Connection) => {
    const message = await conn.recv()
    return `${message?.header.topic} ${bodyText(message?.body)}`
  }
  assert.deepEqual([await read(one), await read(one)], ['weather.north storm', 'weather.south sun'])
  assert.deepEqual([await read(two), await read(two)], ['weather.north storm', 'sport 2:1'])
  await unsubscribe(one, 'weather.')
  await until(() => publisher.publish('weather.east', 'fog') === 0, 'it has unsubscribed')
  await two.close()
  await until(() => publisher.status.length === 1, 'it is gone')
  await one.close()
})

test('[petri.pattern.1] [petri.pattern.2] a slow subscriber loses messages and is told; the others get all; a dead one is forgotten', async () => {
  await using publisher = await Publisher.listen({ queueMax: 10, limits: { highWaterBytes: 64 << 10 } })
  const quick = await join(publisher.address)
  const slow = await join(publisher.address)
  const dying = await join(publisher.address)
  for (const conn of [quick, slow, dying]) await subscribe(conn, '')
  await until(
    () => publisher.status.filter(({ topics }) => topics.length === 1).length === 3,
    'all have subscribed',
  )
  const count = 600
  const body = new Uint8Array(100_000)
  let received = 0
  const reading = (async () => {
    for await (const { header } of quick) {
      assert.equal(header.lost, undefined)
      if (header.n === count - 1) return
      received++
    }
  })()
  for (let n = 0; n < count; n++) {
    publisher.publish('news', body, { n })
    if (n === 50) dying.destroy()
    const waits = publisher.status
    assert.ok(waits.every(({ queued }) => queued <= 10))
    await until(() => received >= n, 'the quick one keeps up')
  }
  await reading
  const told = publisher.status.find(({ dropped }) => dropped > 0)
  assert.ok(told !== undefined && told.dropped > 100, JSON.stringify(publisher.status))
  assert.equal(publisher.status.length, 2)
  let lost = 0
  let got = 0
  for await (const { header } of slow) {
    got++
    lost += Number(header.lost ?? 0)
    if (header.n === count - 1) break
  }
  assert.equal(got + lost, count)
  await quick.close()
  await slow.close()
})

test('[petri.pattern.3] push/pull: work goes round, the slow get less, and what a dying worker had goes to another', async () => {
  await using pusher = await Pusher.listen({ queueMax: 20 })
  const done = { quick: 0, slow: 0, dying: 0 }
  const quick = await join(pusher.address)
  const slow = await join(pusher.address)
  const dying = await join(pusher.address)
  const work = (conn: Connection, name: keyof typeof done, run: () => Promise<void>) =>
    pull(conn, async ({ body }) => {
      await run()
      done[name]++
      return { body: `${name} ${bodyText(body)}` }
    }).catch(() => {})
  void work(quick, 'quick', async () => {})
  void work(slow, 'slow', () => new Promise((resolve) => setTimeout(resolve, 100)))
  void work(dying, 'dying', async () => {
    if (done.dying === 2) throw new Error('dies in the middle of its third job')
  })
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => pusher.push(`job ${i}`)))
  assert.deepEqual(
    answers.map(({ body }) => bodyText(body)?.replace(/^\w+ /, '')),
    answers.map((_, i) => `job ${i}`),
  )
  assert.equal(done.dying, 2)
  assert.equal(done.quick + done.slow + done.dying, 300)
  assert.ok(done.quick > done.slow)
  await quick.close()
  await slow.close()
})

test('[petri.pattern.3] a job that cannot be written is refused and costs no worker', async () => {
  await using pusher = await Pusher.listen()
  const worker = await join(pusher.address)
  void pull(worker, ({ body }) => ({ body })).catch(() => {})
  await assert.rejects(pusher.push(Number.NaN), { code: 'ERR_TNS_VALUE' })
  assert.equal(bodyText((await pusher.push('good')).body), 'good')
  assert.equal(worker.closed, false)
  await worker.close()
})

test('[petri.pattern.3] a job that kills every worker is given up, a silent worker is dropped, and a full queue makes push wait', async () => {
  await using pusher = await Pusher.listen({ attemptsMax: 2, jobMs: 150, queueMax: 1 })
  const poison = pusher.push('poison')
  let taken = false
  const later = pusher.push('later').then((answer) => {
    taken = true
    return answer
  })
  for (let i = 0; i < 2; i++) {
    const victim = await join(pusher.address)
    await assert.rejects(
      pull(victim, () => Promise.reject(new Error('died'))),
      { message: 'died' },
    )
  }
  await assert.rejects(poison, { code: 'ERR_PETRICHOR_CLOSED' })
  assert.equal(taken, false)
  const silent = await join(pusher.address)
  assert.equal(bodyText((await silent.recv())?.body), 'later')
  await assert.rejects(async () => {
    if ((await silent.recv()) === null) throw new Error('dropped')
  })
  const good = await join(pusher.address)
  void pull(good, ({ body }) => ({ body: `did ${bodyText(body)}` })).catch(() => {})
  assert.equal(bodyText((await later).body), 'did later')
  const never = pusher.push('x')
  good.destroy()
  await Promise.allSettled([never, pusher.close()])
  await assert.rejects(pusher.push('y'), { code: 'ERR_PETRICHOR_CLOSED' })
})

test('[petri.pattern.4] a router: by name, from whom cannot be forged, and senders are told what failed', async () => {
  await using router = await Router.listen({ queueMax: 5, limits: { highWaterBytes: 64 << 10 } })
  const ada = await join(router.address, { user: 'ada' })
  const bob = await join(router.address, { user: 'bob' })
  await until(() => router.names.length === 2, 'both are here')
  await ada.send({ to: 'bob', from: 'eve', subject: 's' }, 'hello')
  const message = (await bob.recv()) as Message
  assert.deepEqual({ ...message.header }, { subject: 's', from: 'ada' })
  await bob.send({ to: message.header.from as string }, 'hello back')
  assert.equal(bodyText((await ada.recv())?.body), 'hello back')
  await ada.send({ to: 'nobody', n: 1 }, 'x')
  assert.deepEqual({ ...(await ada.recv())?.header }, { to: 'nobody', n: 1, error: 'no such peer' })
  const double = await connect('127.0.0.1', router.address.port, { user: 'bob' })
  assert.equal(bodyText(double.body), 'there is one of that name')

  // Bob no longer reads: Ada is told, and Carol is still reached.
  const body = new Uint8Array(200_000)
  const tooSlow = (async () => {
    for await (const { header } of ada) if (header.error === 'the peer is too slow') return
  })()
  let isTold = false
  void tooSlow.then(() => {
    isTold = true
  })
  for (let n = 0; !isTold && n < 2000; n++) {
    await ada.send({ to: 'bob', n }, body)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await tooSlow
  const carol = await join(router.address, { user: 'carol' })
  await until(() => router.names.includes('carol'), 'she is here')
  await ada.send({ to: 'carol' }, 'you are quick')
  assert.equal(bodyText((await carol.recv())?.body), 'you are quick')
  bob.destroy()
  await until(() => !router.names.includes('bob'), 'he is gone')
  await ada.send({ to: 'bob' }, 'x')
  for (;;) if ((await ada.recv())?.header.error === 'no such peer') break
  await ada.close()
  await carol.close()
})

test('[petri.pattern.5] request/reply outlives connections and slow servers, and with dedupe runs once', async () => {
  let runs = 0
  let mood: 'die' | 'silent' | 'well' = 'well'
  await using server = await serve({
    helpers: [dedupe({ peer: () => 'the one client' })],
    async handle({ body }, connection) {
      if (mood === 'silent') return undefined
      runs++
      if (mood === 'die') {
        mood = 'well'
        // It has run, and the answer is lost on the way.
        setImmediate(() => connection.destroy())
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return { body: `${bodyText(body)} ${runs}` }
    },
  })
  let opened = 0
  await using requester = new Requester({
    timeoutMs: 200,
    open: (signal) => {
      opened++
      return connect('127.0.0.1', server.address.port, {}, '', {
        helpers: [dedupe()],
        correlate: true,
        signal,
      })
    },
  })
  assert.equal(bodyText((await requester.request({}, 'first')).body), 'first 1')
  mood = 'die'
  assert.equal(bodyText((await requester.request({}, 'second')).body), 'second 2')
  assert.deepEqual([runs, opened], [2, 2])
  mood = 'silent'
  await assert.rejects(requester.request({}, 'third'), { code: 'ERR_PETRICHOR_REPLY_TIMEOUT' })
  mood = 'well'
  assert.equal(bodyText((await requester.request({}, 'fourth')).body), 'fourth 3')
  await assert.rejects(requester.request({}, 'x', { signal: AbortSignal.abort(new Error('no')) }), {
    message: 'no',
  })
})
