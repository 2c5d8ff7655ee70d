import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Connection, connect, memoryPair, serve } from './index.ts'
import { RawPeer, until } from './testing/raw-peer.ts'

test('who still waits after this side has closed is told so', async () => {
  const [stream, other] = memoryPair()
  const connection = new Connection(stream)
  other.write('0:}2:ab,')
  await until(() => stream.readableLength > 0 || connection.inFlight === 0, 'the message is there')
  connection.destroy()
  await assert.rejects(connection.recv(), { code: 'ERR_PETRICHOR_CLOSED' })
  await assert.rejects(connection.readChunk(), { code: 'ERR_PETRICHOR_CLOSED' })
})

test('many requests share a signal without a warning, and leave nothing on it', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const controller = new AbortController()
  const connection = new Connection(memoryPair()[0])
  const requests = Array.from({ length: 50 }, () => connection.request({}, '', { signal: controller.signal }))
  controller.abort(new Error('enough'))
  for (const request of requests) await assert.rejects(request, { message: 'enough' })
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', onWarning)
  assert.deepEqual(warnings, [])
  connection.destroy()
})

test('[petri.close.1] closing twice waits for the handlers once', async () => {
  const [stream, other] = memoryPair()
  const connection = new Connection(stream)
  const peer = new Connection(other)
  let finish: (reply: undefined) => void = () => {}
  let isHandling = false
  connection.handle(() => {
    isHandling = true
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  await peer.send({})
  await until(() => isHandling, 'the handler runs')
  const both = Promise.all([connection.close(), connection.close()])
  finish(undefined)
  await peer.recv()
  await peer.close()
  const from = performance.now()
  await both
  assert.ok(performance.now() - from < 5000)
})

test('[petri.limit.4] what a connection had of the memory of all comes back however it ends', async () => {
  await using server = await serve({
    session: async (connection) => {
      await connection.recv({ timeoutMs: 50 }).catch(() => {})
    },
  })
  const peer = await RawPeer.connect(server.address.port)
  peer.write(`0:}0:,0:}10000000:${'x'.repeat(100_000)}`)
  await until(() => server.bytes > 100_000, 'the unfinished message takes memory')
  await until(() => server.connections.size === 0, 'the session has closed the connection')
  assert.equal(server.bytes, 0)
  peer.close()
})

test('a quiet connection keeps nothing of the message that was handled', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  let handled = 0
  await using server = await serve({
    handle: () => {
      handled++
      return undefined
    },
  })
  const before = used()
  const peers: Connection[] = []
  for (let i = 0; i < 4; i++) {
    const { conn } = await connect('127.0.0.1', server.address.port, {})
    peers.push(conn)
    await conn.send({}, new Uint8Array(4 << 20))
    // A name of the first level is not remembered whatever its length.
    await conn.send({}, { ['k'.repeat(1 << 20)]: 1 })
  }
  await until(() => handled === 8, 'everything is handled')
  await until(() => used() - before < 3 << 20, 'the memory is free again', 3000)
  for (const peer of peers) await peer.close()
})

test('[petri.deadline.4] a peer that reads a large message slowly is not one that reads nothing', async () => {
  const size = 20 << 20
  const errors: Error[] = []
  await using server = await serve({
    limits: { writeMs: 600 },
    handle: () => ({ body: new Uint8Array(size) }),
    onConnectionError: (error) => errors.push(error),
  })
  const socket = connectTcp(server.address.port, '127.0.0.1')
  let got = 0
  socket.on('data', (chunk) => {
    got += chunk.length
    socket.pause()
    setTimeout(() => socket.resume(), 8)
  })
  socket.on('error', () => {})
  const from = performance.now()
  socket.write('0:}0:,0:}0:,')
  await until(() => got > size || errors.length > 0, 'the message has come')
  assert.deepEqual(errors, [])
  assert.ok(performance.now() - from > 1000, 'it took longer than a peer may read nothing')
  socket.destroy()
})
