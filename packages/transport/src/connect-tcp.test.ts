import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { connectTcp, listenTcp } from './index.ts'

const receiver = (): ReceiveBuffer => new ReceiveBuffer({ maxBytes: 1024 })

async function closedPort(): Promise<number> {
  const listener = await listenTcp({ port: 0, onConnection: () => {} })
  await listener.close()
  return listener.port
}

test('connectTcp to a closed port names code, address and what to do', async () => {
  const port = await closedPort()
  await assert.rejects(connectTcp({ host: '127.0.0.1', port }), {
    name: 'TransportError',
    code: 'ECONNREFUSED',
    address: `127.0.0.1:${port}`,
    message: `connect to 127.0.0.1:${port}: connection refused (ECONNREFUSED); nothing listens there: is the server up, is this its port?`,
  })
  await assert.rejects(connectTcp({ host: '127.0.0.1', port, hints: { ECONNREFUSED: 'try 8020' } }), {
    hint: 'try 8020',
  })
})

test('connectTcp with a name that does not resolve, and with an impossible port, rejects', async () => {
  await assert.rejects(connectTcp({ host: 'nowhere.invalid', port: 1, timeoutMs: 5000 }), (error) => {
    assert.ok(error instanceof Error && 'code' in error)
    assert.match(String(error.code), /^(ENOTFOUND|EAI_AGAIN)$/)
    return true
  })
  await assert.rejects(connectTcp({ host: '127.0.0.1', port: 70_000 }), { code: 'ERR_SOCKET_BAD_PORT' })
})

test('connectTcp gives up after timeoutMs', async () => {
  // TEST-NET-1 (RFC 5737) is never answered, if there is a route at all.
  await assert.rejects(connectTcp({ host: '192.0.2.1', port: 9, timeoutMs: 30 }), (error) => {
    assert.ok(error instanceof Error && 'code' in error)
    assert.match(String(error.code), /^(ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED)$/)
    return true
  })
})

test('connectTcp rejects with signal.reason, before and during', async () => {
  const reason = new Error('changed my mind')
  await assert.rejects(connectTcp({ host: '127.0.0.1', port: 1, signal: AbortSignal.abort(reason) }), reason)
  const aborter = new AbortController()
  const pending = connectTcp({ host: '192.0.2.1', port: 9, signal: aborter.signal })
  aborter.abort(reason)
  await assert.rejects(pending, reason)
})

test('listenTcp on a taken port says so', async () => {
  const listener = await listenTcp({ port: 0, onConnection: () => {} })
  await assert.rejects(listenTcp({ port: listener.port, onConnection: () => {} }), { code: 'EADDRINUSE' })
  await listener.close()
})

test('listenTcp closes what is beyond maxConnections and tells why', async () => {
  const codes: string[] = []
  const listener = await listenTcp({
    port: 0,
    maxConnections: 1,
    onConnection: () => {},
    onError: (error) => codes.push(error.code),
  })
  const first = await connectTcp({ host: '127.0.0.1', port: listener.port })
  const second = await connectTcp({ host: '127.0.0.1', port: listener.port })
  second.start({ input: receiver(), onReceive: () => {}, onClose: () => {} })
  await second.done
  assert.deepEqual(codes, ['ERR_TRANSPORT_CONNECTIONS'])
  assert.equal(listener.connections, 1)
  first.destroy()
  await listener.close()
})

test('listenTcp closes a connection whose onConnection throws, and serves on', async () => {
  let calls = 0
  const listener = await listenTcp({
    port: 0,
    onConnection: () => {
      calls++
      throw new Error('no')
    },
  })
  for (let index = 0; index < 2; index++) {
    const connection = await connectTcp({ host: '127.0.0.1', port: listener.port })
    connection.start({ input: receiver(), onReceive: () => {}, onClose: () => {} })
    await connection.done
  }
  assert.equal(calls, 2)
  await listener.close()
})
