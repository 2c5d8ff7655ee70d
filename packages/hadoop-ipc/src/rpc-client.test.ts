import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { memoryPair } from '@cairn/transport'
import { clientCalls, RpcClient } from './index.ts'
import { address, getFileInfo, played, protocol } from './testing/played-server.ts'

// Connections in memory keep no process alive, nor do the timers under test.
const alive = setInterval(() => {}, 1000)
after(() => clearInterval(alive))

test('a call without an answer times out, the connection lives, and the late answer is dropped', async () => {
  const p = played()
  const timedOut = p.call({ timeoutMs: 20 })
  await assert.rejects(timedOut, {
    code: 'ERR_RPC_TIMEOUT',
    sent: true,
    message: 'call getFileInfo of nn:8020: no answer within 20 ms',
  })
  const next = p.call()
  await p.until(() => p.calls.length === 2)
  p.answer(0)
  p.answer(1)
  await next
  assert.equal(p.servers.length, 1)
  await p.client.close()
})

test('abort rejects with the reason, before, while connecting and while waiting', async () => {
  const reason = new Error('enough')
  const p = played()
  await assert.rejects(p.call({ signal: AbortSignal.abort(reason) }), reason)
  assert.equal(p.servers.length, 0)

  const early = new AbortController()
  const connecting = p.call({ signal: early.signal })
  early.abort(reason)
  await assert.rejects(connecting, reason)

  const late = new AbortController()
  const waiting = p.call({ signal: late.signal })
  await p.until(() => p.calls.length === 1)
  late.abort(reason)
  await assert.rejects(waiting, reason)
  // The call aborted while connecting was never sent.
  assert.equal(p.calls[0]?.callId, 1)
  p.answer(0)
  const next = p.call()
  await p.until(() => p.calls.length === 2)
  p.answer(1)
  await next
  await p.client.close()
})

test('a broken connection rejects its calls with sent = true, and the next call makes a new one', async () => {
  const p = played()
  const broken = p.call()
  await p.until(() => p.calls.length === 1)
  p.servers[0]!.destroy()
  await assert.rejects(broken, {
    name: 'RpcConnectionError',
    code: 'ECONNRESET',
    sent: true,
    address: 'nn:8020',
  })
  const next = p.call({ callId: 0, retryCount: 1 })
  await p.until(() => p.calls.length === 2)
  assert.deepEqual([p.calls[1]?.callId, p.calls[1]?.retryCount], [0, 1])
  assert.deepEqual(p.calls[1]?.clientId, p.calls[0]?.clientId)
  p.answer(1, 1)
  await next
  await p.client.close()
})

test('onConnectionLost tells of connections that the server ended, not of those that the client closed', async () => {
  const lost: unknown[] = []
  const p = played({ onConnectionLost: (where) => lost.push(where) })
  const broken = p.call()
  await p.until(() => p.calls.length === 1)
  p.servers[0]!.destroy()
  await assert.rejects(broken, { code: 'ECONNRESET' })
  const answered = p.call()
  await p.until(() => p.calls.length === 2)
  p.answer(1, 1)
  await answered
  p.servers[1]!.end()
  await p.servers[1]!.done
  assert.deepEqual(lost, [address, address])
  const last = p.call()
  await p.until(() => p.calls.length === 3)
  p.answer(2, 2)
  await last
  await p.client.close()
  assert.equal(lost.length, 2)
})

test('a server that closes without an answer is reported as such', async () => {
  const p = played()
  const call = p.call()
  await p.until(() => p.calls.length === 1)
  p.servers[0]!.end()
  await assert.rejects(call, {
    code: 'ERR_RPC_CLOSED',
    message: /without any answer; is this its RPC port\?/,
  })
  await p.client.close()
})

test('an HTTP server is named as what it is', async () => {
  const p = played()
  const call = p.call()
  await p.until(() => p.calls.length === 1)
  p.servers[0]!.write(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await assert.rejects(call, {
    name: 'RpcConnectionError',
    code: 'ERR_HRPC_NOT_RPC',
    message: /^call nn:8020: .*HTTP port/,
  })
  await p.client.close()
})

test('two calls with one id at the same time are refused', async () => {
  const p = played()
  const first = p.call({ callId: 5 })
  await assert.rejects(p.call({ callId: 5 }), { code: 'ERR_HRPC_CALL_ID', side: 'local' })
  await p.until(() => p.calls.length === 1)
  p.answer(0)
  await first
  await p.client.close()
})

test('an idle connection is closed after idleMs, and pings go out while a call waits', async () => {
  const p = played({ idleMs: 1, pingIntervalMs: 1 })
  const call = p.call()
  await p.until(() => p.calls.length === 1)
  let received = 0
  const [ours, theirs] = memoryPair()
  const pinged = new RpcClient({ user: 'bob', pingIntervalMs: 1, connect: async () => ours })
  const ping = new Promise<void>((resolve) => {
    const input = new ReceiveBuffer({ maxBytes: 4096 })
    theirs.start({
      input,
      onReceive: () => {
        received++
        // First context and call together, then a ping: a header of 27 bytes in a frame.
        if (received === 2) resolve(assert.equal(input.length, 31))
        input.consume(input.length)
      },
      onClose: () => {},
    })
  })
  const waiting = assert.rejects(pinged.call(address, protocol, getFileInfo, { src: '/' }), {
    code: 'ERR_RPC_CLIENT_CLOSED',
    sent: true,
  })
  await ping
  await pinged.close()
  await waiting
  p.answer(0)
  await call
  await p.servers[0]!.done
  await p.client.close()
})

test('connections that fail to be made reject with the cause and sent = false', async () => {
  const p = played({
    connect: () => Promise.reject(Object.assign(new Error('gone'), { code: 'EHOSTUNREACH' })),
  })
  await assert.rejects(p.call(), { code: 'EHOSTUNREACH', sent: false, message: 'call nn:8020: gone' })
  await p.client.close()
})

test('close while connecting aborts the attempt', async () => {
  let aborted = false
  const client = new RpcClient({
    user: 'alice',
    connect: (_, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        }),
      ),
  })
  const call = client.call(address, protocol, getFileInfo, { src: '/' })
  const rejected = assert.rejects(call, { code: 'ERR_RPC_CLIENT_CLOSED', sent: false })
  await client.close()
  await rejected
  assert.equal(aborted, true)
})

test('call ids count up and wrap before they become negative; the client id stays', () => {
  const client = new RpcClient({ user: 'alice' })
  assert.deepEqual([client.nextCallId(), client.nextCallId(), client.clientId.length], [0, 1, 16])
})

test('finished calls are published to diagnostics_channel', async () => {
  const p = played()
  const seen: unknown[] = []
  const listen = (message: unknown): number => seen.push(message)
  clientCalls.subscribe(listen)
  const call = p.call()
  await p.until(() => p.calls.length === 1)
  p.answer(0)
  await call
  clientCalls.unsubscribe(listen)
  const [message] = seen
  assert.ok(typeof message === 'object' && message !== null && 'durationMs' in message)
  assert.deepEqual(
    { ...message, durationMs: 0 },
    {
      protocol,
      method: 'getFileInfo',
      callId: 0,
      durationMs: 0,
      peer: 'nn:8020',
      error: undefined,
    },
  )
  await p.client.close()
})
