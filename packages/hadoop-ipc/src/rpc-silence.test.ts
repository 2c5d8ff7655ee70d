import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { played, protocol } from './testing/played-server.ts'

// Connections in memory keep no process alive, nor do the timers under test.
const alive = setInterval(() => {}, 1000)
after(() => clearInterval(alive))

const probe = { protocol, method: ClientNamenodeProtocol.getServerDefaults, request: {} }

test('a new connection that brings nothing at all is given up after connectTimeoutMs', async () => {
  const p = played({ probe, connectTimeoutMs: 20 })
  await assert.rejects(p.call(), {
    code: 'ERR_RPC_SILENT',
    sent: true,
    address: 'nn:8020',
    message: 'call getFileInfo of nn:8020: connected, but no answer to anything within 20 ms',
  })
  await p.servers[0]!.done
  await p.client.close()
})

test('a server that takes long over the first call lives when it answers the probe', async () => {
  // The sweep of deadlines comes ten times a second: two of them are half of this.
  const p = played({ probe, connectTimeoutMs: 300 })
  const slow = p.call()
  await p.until(() => p.calls.length === 2)
  assert.equal(p.calls[1]!.method, 'getServerDefaults')
  p.answer(1)
  await assert.rejects(p.call({ timeoutMs: 500 }), { code: 'ERR_RPC_TIMEOUT' })
  p.answer(0)
  await slow
  assert.equal(p.servers.length, 1)
  await p.client.close()
})

test('a connection that has answered may then be silent for as long as its calls may take', async () => {
  const p = played({ probe, connectTimeoutMs: 20 })
  const first = p.call()
  await p.until(() => p.calls.length === 1)
  p.answer(0)
  await first
  await assert.rejects(p.call({ timeoutMs: 300 }), { code: 'ERR_RPC_TIMEOUT' })
  assert.equal(p.calls.length, 2, 'no probe')
  await p.client.close()
})
