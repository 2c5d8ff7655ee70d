import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bodyText, connect, serve } from './index.ts'
import { until } from './testing/raw-peer.ts'

/** 5,000 in full; `PETRICHOR_SILENT` sets another number. */
const silent = Number(process.env.PETRICHOR_SILENT ?? 5000)
/** What one silent connection may cost the server, with Node's own socket. */
const bytesEach = 16 << 10

test(`${silent} connections that say nothing cost little, are dropped in time, and nobody notices`, async () => {
  const errors: string[] = []
  await using server = await serve({
    limits: { handshakeMs: 4000 },
    handle: ({ body }) => ({ body }),
    onConnectionError: (error) => errors.push((error as { code?: string }).code ?? ''),
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {})
  const before = process.memoryUsage().rss
  // In a process of their own, so that descriptors and memory are the server's.
  const peers: ChildProcess = fork(fileURLToPath(new URL('testing/silent-peers.js', import.meta.url)), [
    String(server.address.port),
    String(silent),
  ])
  let slowestMs = 0
  const serveOnce = async () => {
    const from = performance.now()
    assert.equal(bodyText((await conn.request({}, 'served'))?.body), 'served')
    slowestMs = Math.max(slowestMs, performance.now() - from)
  }
  try {
    let most = 0
    const end = performance.now() + 40_000
    while (errors.length < silent && performance.now() < end) {
      most = Math.max(most, process.memoryUsage().rss)
      await serveOnce()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.equal(errors.length, silent)
    assert.deepEqual([...new Set(errors)], ['ERR_PETRICHOR_HANDSHAKE_TIMEOUT'])
    assert.ok(most - before < silent * bytesEach + (16 << 20), `${most - before} bytes for ${silent}`)
    assert.ok(slowestMs < 5000, `${slowestMs} ms for the slowest request meanwhile`)
    await until(() => server.connections.size === 1, 'only the good peer is left')
  } finally {
    peers.kill()
    await conn.close()
  }
})
