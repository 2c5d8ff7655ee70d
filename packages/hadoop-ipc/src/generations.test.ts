import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { ClientNamenodeProtocol, GetFileInfoRequestProto } from '@cairn/hadoop-proto'
import { generation7, generation8, generation9 } from '@cairn/hadoop-rpc'
import { RemoteException, RpcClient, RpcConnectionError } from './index.ts'
import { all, counting, protocol, serve, silentServer } from './testing/servers-of-generations.ts'

const { getFileInfo } = ClientNamenodeProtocol

/** A port that nobody uses, mostly. */
async function freePort(): Promise<number> {
  const { server, address } = await serve(all)
  await server.close()
  return address.port
}

test('a first connection tells by its refusal what the server speaks; no more than one is lost [hgen.find.1]', async () => {
  for (const [generation, connections] of [
    [generation9, 1],
    [generation8, 2],
    [generation7, 2],
  ] as const) {
    const { server, calls, address } = await serve([generation])
    const { client, made, ask } = counting()
    assert.equal(client.generationOf(address), undefined)
    assert.deepEqual(await ask(address, '/a'), { fs: undefined })
    assert.equal(made.length, connections)
    assert.equal(client.generationOf(address), generation)
    await ask(address, '/b')
    assert.equal(made.length, connections)
    assert.deepEqual(
      calls.map(({ src, call }) => [src, call.user, call.method]),
      [
        ['/a', 'alice', 'getFileInfo'],
        ['/b', 'alice', 'getFileInfo'],
      ],
    )
    await client.close()
    await server.close()
  }
})

test('calls at the same time share the search, and stay in order [hgen.find.2]', async () => {
  const { server, calls, address } = await serve([generation7])
  const { client, made, ask } = counting()
  const sources = Array.from({ length: 32 }, (_, index) => `/${index}`)
  await Promise.all(sources.map((src) => ask(address, src)))
  assert.equal(made.length, 2)
  assert.deepEqual(
    calls.map(({ src }) => src),
    sources,
  )
  await client.close()
  await server.close()
})

test('a call given up while the version is looked for is not made', async () => {
  const { server, calls, address } = await serve([generation7])
  const { client } = counting()
  const abort = new AbortController()
  const reason = new Error('enough')
  const given = client.call(address, protocol, getFileInfo, { src: '/up' }, { signal: abort.signal })
  const kept = client.call(address, protocol, getFileInfo, { src: '/kept' })
  abort.abort(reason)
  await assert.rejects(given, reason)
  await kept
  assert.deepEqual(
    calls.map(({ src }) => src),
    ['/kept'],
  )
  await client.close()
  await server.close()
})

test('all clients of the process know what one has found; a server replaced is found again [hgen.find.4]', async () => {
  const first = await serve([generation7])
  const { address } = first
  const ask = async (client: RpcClient): Promise<void> =>
    void (await client.call(address, protocol, getFileInfo, { src: '/' }))
  const finder = new RpcClient({ user: 'alice', generations: all })
  await ask(finder)
  const other = new RpcClient({ user: 'bob', generations: all })
  assert.equal(other.generationOf(address), generation7)
  // Told what to speak, a client has not found out what the server speaks best.
  const told = new RpcClient({ user: 'carol', generations: all, rpcVersion: 7 })
  await ask(told)
  await first.server.close()
  const second = await serve([generation9, generation8], {}, address.port)
  await ask(other)
  assert.equal(other.generationOf(address), generation9)
  const late = new RpcClient({ user: 'dora', generations: all })
  assert.equal(late.generationOf(address), generation9)
  await assert.rejects(ask(told), {
    code: 'ERR_HRPC_VERSION',
    message: `127.0.0.1:${address.port} speaks Hadoop RPC 9 (Hadoop 2.1 and later), Hadoop RPC 8 (Hadoop 2.0.3 to 2.0.6-alpha); this client speaks 7, as rpcVersion says`,
  })
  assert.equal(late.generationOf(address), generation9)
  await Promise.all([finder, other, told, late].map((client) => client.close()))
  await second.server.close()
})

test('silence is taken for a release that refuses so; if it is none, silence is the error [hgen.find.3]', async () => {
  const generations = [generation9, generation8, { ...generation7, refusesSilently: true }]
  const { server, address } = await serve([generation7])
  const old = await silentServer(7, address)
  const { client, made, ask } = counting({ generations })
  await ask(old.address)
  assert.deepEqual(old.versions, [9, 7])
  assert.equal(made.length, 2)
  assert.equal(client.generationOf(old.address)?.version, 7)
  const dumb = await silentServer(0, undefined)
  await assert.rejects(ask(dumb.address), (error) => {
    assert.ok(error instanceof RpcConnectionError)
    assert.deepEqual([error.sent, error.address], [true, `127.0.0.1:${dumb.address.port}`])
    return true
  })
  assert.deepEqual(dumb.versions, [9, 7])
  await client.close()
  await server.close()
  old.close()
  dumb.close()
})

test('calls are not made again in older words where newer were answered before [hgen.find.3]', async () => {
  const old = { ...generation7, refusesSilently: true }
  const { server, calls, address } = await serve([generation9, old])
  let silent = false
  let replaced = false
  const breaking = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      if (replaced && bytes[4] === 9) {
        socket.destroy()
        return
      }
      const onward = connect(address.port, address.host)
      onward.on('error', () => {})
      onward.write(bytes)
      // The call arrives; its answer does not.
      if (!silent) socket.pipe(onward).pipe(socket)
      else
        onward.once('data', () => {
          onward.destroy()
          socket.destroy()
        })
      silent = false
    })
  })
  await new Promise<void>((resolve) => breaking.listen(0, '127.0.0.1', resolve))
  const { port } = breaking.address() as { port: number }
  const there = { host: '127.0.0.1', port }
  const { client, ask } = counting({ generations: [generation9, old], idleMs: 0 })
  await ask(there, '/known')
  const deadline = performance.now() + 10_000
  while (server.connections > 0 && performance.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve))
  silent = true
  const once = await ask(there, '/once').then(
    () => undefined,
    (error: unknown) => error,
  )
  const made = calls.map(({ src }) => src)
  await ask(there, '/again')
  assert.equal(client.generationOf(there), generation9)
  while (server.connections > 0 && performance.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve))
  // What refuses so for good is another server.
  replaced = true
  const doubted = await ask(there, '/doubted').then(
    () => undefined,
    (error: unknown) => error,
  )
  await ask(there, '/found')
  assert.equal(client.generationOf(there), old)
  await client.close()
  await server.close()
  breaking.close()
  assert.ok(doubted instanceof RpcConnectionError)
  assert.ok(once instanceof RpcConnectionError && once.sent)
  assert.deepEqual(made, ['/known', '/once'])
})

test('a server that falls silent once and then names its version is not called twice [hgen.find.3]', async () => {
  const generations = [generation9, { ...generation7, refusesSilently: true }]
  const { server, calls, address } = await serve([generation9])
  let connections = 0
  const flaky = createServer((socket) => {
    socket.on('error', () => {})
    connections += 1
    if (connections === 1) socket.once('data', () => socket.destroy())
    else {
      const onward = connect(address.port, address.host)
      onward.on('error', () => {})
      socket.pipe(onward).pipe(socket)
    }
  })
  await new Promise<void>((resolve) => flaky.listen(0, '127.0.0.1', resolve))
  const { port } = flaky.address() as { port: number }
  const { client, ask } = counting({ generations })
  await assert.rejects(ask({ host: '127.0.0.1', port }), { code: 'ERR_RPC_CLOSED', sent: true })
  assert.equal(calls.length, 0)
  await client.close()
  await server.close()
  flaky.close()
})

test('a server that speaks several says so to those it refuses [hgen.refuse.2] [hgen.refuse.3]', async () => {
  const moreGenerationsHint = 'cairn up --rpc 7,8,9 adds 8'
  const { server, calls, address } = await serve([generation9, generation7], { moreGenerationsHint })
  for (const rpcVersion of [9, 7]) {
    const { client, made, ask } = counting({ rpcVersion })
    await ask(address)
    assert.deepEqual([made.length, client.generationOf(address)?.version], [1, rpcVersion])
    await client.close()
  }
  assert.deepEqual(
    calls.map(({ call }) => call.clientId.length),
    [16, 0],
  )
  const told = counting({ rpcVersion: 8 })
  await assert.rejects(told.ask(address), (error) => {
    assert.ok(error instanceof RpcConnectionError && error.cause instanceof RemoteException)
    assert.equal(error.sent, false)
    assert.equal(
      error.cause.message,
      `Server IPC version 9 cannot communicate with client version 8; spoken here: 9, 7 (${moreGenerationsHint})`,
    )
    return true
  })
  // Its favourite is not spoken here, but another on its list is.
  const older = counting({ generations: [generation8, generation7] })
  await older.ask(address)
  assert.equal(older.client.generationOf(address), generation7)
  await told.client.close()
  await older.client.close()
  await server.close()
})

test('a version that is nobody’s is refused before anything is dialled', () => {
  assert.throws(() => new RpcClient({ user: 'alice', generations: all, rpcVersion: 5 }), {
    name: 'RangeError',
    message: 'speak Hadoop RPC: found rpcVersion 5; 9, 8, 7 is allowed',
  })
  const text = '7' as unknown as number
  assert.throws(() => new RpcClient({ user: 'alice', generations: all, rpcVersion: text }), {
    message: 'speak Hadoop RPC: found rpcVersion "7"; 9, 8, 7 is allowed',
  })
})

test('the session is chosen by five bytes, whole or one by one; others are answered and closed [hgen.choose.1]', async () => {
  const { server, calls, address } = await serve([generation9, generation7])
  const said = (bytes: Uint8Array): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(address.port, address.host)
      const got: Buffer[] = []
      socket.on('data', (part) => got.push(part))
      socket.on('close', () => resolve(Buffer.concat(got).toString('latin1')))
      socket.on('error', () => {})
      socket.end(bytes)
    })
  assert.match(await said(Buffer.from('GET / HTTP/1.1\r\n\r\n')), /^HTTP\/1\.1 404 /)
  assert.match(
    await said(Buffer.from('hrpc\x05xxxx', 'latin1')),
    /Server IPC version 9 cannot .* version 5; spoken here: 9, 7$/,
  )
  assert.equal(await said(Buffer.from('hrp')), '')
  const session = generation7.clientSession({
    user: 'alice',
    protocol,
    clientId: new Uint8Array(16),
    events: { onResponse() {}, onError() {}, onFatal() {} },
  })
  session.call(1, 0, 'getFileInfo', GetFileInfoRequestProto, { src: '/slowly' })
  const socket = connect(address.port, address.host)
  socket.setNoDelay()
  const answered = new Promise((resolve) => socket.once('data', resolve))
  for (const byte of session.takeOutput()) {
    socket.write(Uint8Array.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await answered
  socket.destroy()
  assert.deepEqual(
    calls.map(({ src }) => src),
    ['/slowly'],
  )
  await server.close()
})

test('a port where nobody listens is not tried twice', async () => {
  const port = await freePort()
  const { client, made, ask } = counting({
    generations: [generation9, { ...generation7, refusesSilently: true }],
  })
  await assert.rejects(ask({ host: '127.0.0.1', port }), { code: 'ECONNREFUSED', sent: false })
  assert.equal(made.length, 1)
  await client.close()
})
