import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import {
  accept,
  bodyText,
  Connection,
  connect,
  connect_allowed,
  connectAllowed,
  connectUnix,
  EOF,
  handshake,
  memoryPair,
  peer_allowed,
  peer_denied,
  peerAllowed,
  peerDenied,
  read_chunk,
  readChunk,
  recv,
  request,
  send,
  serve,
} from './index.ts'
import { RawPeer, until } from './testing/raw-peer.ts'

const pair = () => memoryPair().map((stream) => new Connection(stream)) as [Connection, Connection]

test('the nine calls do what the seed does, over a pair in memory', async () => {
  const [left, right] = memoryPair()
  await send(left, { a: 1 }, 'first')
  await send(left, {}, ['any', 'thing', null, 1.5])
  assert.deepEqual({ ...(await recv(right))?.header }, { a: 1 })
  assert.deepEqual(
    (await recv(right))?.body,
    [Buffer.from('any'), Buffer.from('thing'), null, 1.5].map((one) =>
      one instanceof Buffer ? new Uint8Array(one) : one,
    ),
  )

  const answered = request(left, { q: 1 }, 'question')
  const question = await recv(right)
  assert.equal(bodyText(question?.body), 'question')
  await send(right, {}, 'answer')
  assert.equal(bodyText((await answered)?.body), 'answer')

  await send(left, { k: 'v' }, 'chunks')
  assert.deepEqual({ ...((await readChunk(right)) as object) }, { k: new Uint8Array(Buffer.from('v')) })
  assert.equal(bodyText((await readChunk(right)) as Uint8Array), 'chunks')

  left.end()
  assert.equal(await recv(right), null)
  assert.equal(await readChunk(right), EOF)
  right.end()
  assert.equal(await recv(left), null)
  assert.deepEqual(
    [connect_allowed, peer_allowed, peer_denied, read_chunk],
    [connectAllowed, peerAllowed, peerDenied, readChunk],
  )
})

test('[petri.handshake.1] [petri.handshake.4] accept and peerAllowed; the header given is not changed', async () => {
  const [left, right] = memoryPair()
  const connected = handshake(left, { user: 'zed' }, '')
  const first = await accept(right)
  assert.equal(first?.header.user, 'zed')
  assert.equal(bodyText(first?.body), '')
  const reply = Object.freeze({ ident: 'x' })
  await peerAllowed(right, reply, 'WELCOME')
  const { conn, header, body } = await connected
  assert.equal(connectAllowed(header), true)
  assert.equal(header.ident, 'x')
  assert.equal(bodyText(body), 'WELCOME')
  right.end()
  await conn.close()
})

test('[petri.handshake.2] [petri.handshake.3] connectAllowed: a missing key is a yes, strictly a no, and only true is true', () => {
  assert.equal(connectAllowed({}), true)
  assert.equal(connectAllowed({}, { strict: true }), false)
  assert.equal(connectAllowed({ allowed: true }, { strict: true }), true)
  for (const allowed of [false, null, 0, 1, 'true', []]) assert.equal(connectAllowed({ allowed }), false)
})

test('[petri.handshake.5] a denied peer reads why, and then the end', async () => {
  await using server = await serveEcho({
    accept: () => ({ allowed: false, body: 'YOU ARE NOT ON THE LIST' }),
  })
  const { conn, header, body } = await connect('127.0.0.1', server.address.port, { user: 'zed' })
  assert.equal(connectAllowed(header), false)
  assert.equal(bodyText(body), 'YOU ARE NOT ON THE LIST')
  assert.equal(await conn.recv(), null)
  await assert.rejects(connect('127.0.0.1', server.address.port, {}, '', { requireAllowed: true }), {
    code: 'ERR_PETRICHOR_DENIED',
  })
})

type EchoOptions = Partial<Parameters<typeof serve>[0]>
const serveEcho = (options: EchoOptions = {}) =>
  serve({ handle: ({ header, body }) => ({ header: { ...header, id: undefined }, body }), ...options })

test('a plain peer is served byte for byte as the seed writes it', async () => {
  await using server = await serveEcho()
  const peer = await RawPeer.connect(server.address.port)
  peer.write('11:4:user,1:z,}0:,0:}5:hello,')
  assert.equal(await peer.read((text) => text.endsWith('hello,')), '17:7:allowed,4:true!}0:,0:}5:hello,')
  peer.socket.end()
  await peer.ended()
})

test('[petri.correlate.2] requests to a plain peer are answered in turn, and one that was given up keeps its turn', async () => {
  const [left, right] = pair()
  const controller = new AbortController()
  const one = left.request({}, '1')
  const two = left.request({}, '2', { signal: controller.signal })
  const three = left.request({}, '3', { timeoutMs: 60_000 })
  controller.abort(new Error('enough'))
  await assert.rejects(two, { message: 'enough' })
  for (let i = 0; i < 3; i++) {
    const message = await right.recv()
    await right.send({}, `answer ${bodyText(message?.body)}`)
  }
  assert.equal(bodyText((await one)?.body), 'answer 1')
  assert.equal(bodyText((await three)?.body), 'answer 3')
  left.destroy()
})

test('[petri.correlate.1] [petri.correlate.3] numbered requests are answered in any order, and late answers dropped', async () => {
  const waiting: (() => void)[] = []
  await using server = await serve({
    handle: async ({ body }) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { body }
    },
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', { correlate: true })
  const order: number[] = []
  const controller = new AbortController()
  const answers = Array.from({ length: 64 }, async (_, i) => {
    const answer = await conn.request({}, String(i), i === 7 ? { signal: controller.signal } : {})
    order.push(i)
    return bodyText(answer?.body)
  })
  await until(() => waiting.length === 64, 'all requests are being handled')
  controller.abort(new Error('given up'))
  await assert.rejects(answers[7]!, { message: 'given up' })
  for (const go of waiting.reverse()) go()
  const all = await Promise.all(answers.filter((_, i) => i !== 7))
  assert.deepEqual(all, [...Array(64).keys()].filter((i) => i !== 7).map(String))
  assert.equal(order[0], 63)
  await assert.rejects(conn.request({}, 'x', { timeoutMs: 60 }), { code: 'ERR_PETRICHOR_REPLY_TIMEOUT' })
  await assert.rejects(conn.request({}, 'x', { signal: AbortSignal.abort(new Error('before')) }), {
    message: 'before',
  })
  const last = conn.request({}, 'still works')
  await until(() => waiting.length === 66, 'the last request is being handled')
  for (const go of waiting) go()
  assert.equal(bodyText((await last)?.body), 'still works')
  await conn.close()
})

test('more requests in flight than allowed are refused', async () => {
  const [stream] = memoryPair()
  const conn = new Connection(stream, { limits: { inFlight: 2 } })
  const waits = [conn.request({}), conn.request({})]
  await assert.rejects(conn.request({}), { code: 'ERR_PETRICHOR_IN_FLIGHT' })
  conn.destroy(new Error('done'))
  for (const wait of waits) await assert.rejects(wait, { message: 'done' })
})

test('connect ends with a typed error: refused, closed before the answer, too late, aborted, garbage', async () => {
  const answers: ((socket: Socket) => void)[] = [
    (socket) => socket.end(),
    () => {},
    () => {},
    (socket) => socket.end('5:hello,0:,'),
    (socket) => socket.end('GET / HTTP/1.1'),
    (socket) => socket.end('18:7:allowed'),
  ]
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume()
    answers.shift()!(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const go = (options = {}) => connect('127.0.0.1', port, {}, '', options)
  await assert.rejects(go(), { code: 'ERR_PETRICHOR_CLOSED_BEFORE_REPLY' })
  await assert.rejects(go({ timeoutMs: 120 }), { code: 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' })
  await assert.rejects(go({ signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' })
  await assert.rejects(go(), { code: 'ERR_PETRICHOR_HEADER' })
  await assert.rejects(go(), { code: 'ERR_TNS_SIZE', offset: 0 })
  await assert.rejects(go(), { code: 'ERR_PETRICHOR_TRUNCATED' })
  await new Promise((resolve) => server.close(resolve))
  await assert.rejects(go(), { code: 'ECONNREFUSED' })
})

test('iteration yields messages until the end, with await using', async () => {
  const [left, right] = pair()
  for (let i = 0; i < 10; i++) await left.send({ i }, String(i))
  void left.close()
  const seen: unknown[] = []
  for await (const { header } of right) seen.push(header.i)
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  await right.close()
  assert.equal(right.closed, true)
  await right[Symbol.asyncDispose]()
  await assert.rejects(right.send({}), { code: 'ERR_PETRICHOR_CLOSED' })
})

test('[petri.flow.1] a peer that sends faster than it is read waits in its own socket', async () => {
  let handled = 0
  const gates: (() => void)[] = []
  await using server = await serve({
    handle: async () => {
      handled++
      await new Promise<void>((resolve) => gates.push(resolve))
      return undefined
    },
  })
  const peer = await RawPeer.connect(server.address.port)
  peer.write('0:}0:,')
  const message = Buffer.concat([Buffer.from('0:}65536:'), Buffer.alloc(65_536), Buffer.from(',')])
  let refused = 0
  for (let i = 0; i < 400; i++) if (!peer.socket.write(message)) refused++
  await until(() => handled === 1 && peer.socket.writableLength > 0, 'the first message is being handled')
  const [connection] = [...server.connections] as [Connection]
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(handled, 1)
  assert.ok(peer.socket.writableLength > 10 << 20, `${peer.socket.writableLength} bytes wait at the sender`)
  assert.ok(refused > 300)
  assert.ok(server.bytes < 1 << 20, `${server.bytes} bytes at the server`)
  assert.equal(connection.closed, false)
  peer.close()
  gates[0]!()
})

test('[petri.deadline.4] a peer that never reads is dropped, and memory stays bounded', async () => {
  const errors: string[] = []
  await using server = await serve({
    limits: { writeMs: 200 },
    handle: ({ body }) => ({ body }),
    onConnectionError: (error) => errors.push((error as { code?: string }).code ?? String(error)),
  })
  const peer = await RawPeer.connect(server.address.port)
  peer.socket.pause()
  peer.write('0:}0:,')
  const message = Buffer.concat([Buffer.from('0:}1048576:'), Buffer.alloc(1 << 20), Buffer.from(',')])
  let most = 0
  const watch = setInterval(() => {
    for (const connection of server.connections) most = Math.max(most, connection.bufferedBytes)
  }, 2)
  peer.socket.on('error', () => {})
  for (let i = 0; i < 64; i++) peer.socket.write(message)
  await until(() => errors.length > 0, 'the peer is dropped')
  clearInterval(watch)
  assert.deepEqual(errors, ['ERR_PETRICHOR_PEER_NOT_READING'])
  assert.ok(most < 4 << 20, `${most} bytes waited for it`)
  peer.close()
})

test('a Unix socket works as TCP does, and a handler that throws costs only its connection', async () => {
  const path = `/tmp/petrichor-test-${process.pid}.sock`
  const errors: Error[] = []
  await using server = await serve({
    path,
    handle: ({ body }) => {
      if (bodyText(body) === 'throw') throw new Error('a bug')
      return { body }
    },
    onConnectionError: (error) => errors.push(error),
  })
  const good = await connectUnix(path, {})
  const bad = await connectUnix(path, {})
  assert.equal(bodyText((await good.conn.request({}, 'hello'))?.body), 'hello')
  await assert.rejects(async () => {
    if ((await bad.conn.request({}, 'throw')) === null) throw new Error('closed')
  })
  assert.equal(bodyText((await good.conn.request({}, 'hello again'))?.body), 'hello again')
  assert.deepEqual(
    errors.map(({ message }) => message),
    ['a bug'],
  )
  await good.conn.close()
  assert.equal(server.address.host, path)
})

test('a session has the connection to itself', async () => {
  await using server = await serve({
    async session(connection, connect) {
      await connection.send({}, `hello ${connect.header.user}`)
      for await (const { body } of connection) await connection.send({}, body)
    },
  })
  const { conn } = await connect('127.0.0.1', server.address.port, { user: 'ada' })
  assert.equal(bodyText((await conn.recv())?.body), 'hello ada')
  assert.equal(bodyText((await conn.request({}, 'x'))?.body), 'x')
  await conn.close()
  await until(() => server.connections.size === 0, 'the server has closed it too')
})

test('[petri.close.1] close finishes what was accepted, takes nothing new, and drops what still comes', async () => {
  const gates: (() => void)[] = []
  const errors: Error[] = []
  const server = await serve({
    handle: async ({ body }) => {
      await new Promise<void>((resolve) => gates.push(resolve))
      return { body }
    },
    onConnectionError: (error) => errors.push(error),
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', { correlate: true })
  const accepted = conn.request({}, 'accepted')
  await until(() => gates.length === 1, 'it is being handled')
  const closing = server.close()
  for (let i = 0; i < 100; i++) conn.send({}, new Uint8Array(100_000)).catch(() => {})
  gates[0]!()
  assert.equal(bodyText((await accepted)?.body), 'accepted')
  assert.equal(await conn.recv(), null)
  await conn.close()
  await closing
  assert.equal(gates.length, 1)
  assert.deepEqual(errors, [])
})

test('a large connect message is denied with a reason that arrives', async () => {
  await using server = await serveEcho({
    limits: { handshakeBytes: 4 << 20 },
    accept: () => ({ allowed: false, body: 'NOT TODAY' }),
  })
  const peer = await RawPeer.connect(server.address.port)
  peer.socket.on('error', () => {})
  peer.write('0:}0:,')
  for (let i = 0; i < 100; i++) peer.write(Buffer.alloc(20_000))
  assert.match(await peer.read((text) => text.endsWith('9:NOT TODAY,')), /5:false!.*9:NOT TODAY,$/)
  peer.socket.end()
  await peer.ended()
})
