import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bodyText, type Connection, connect, type Server, serve } from './index.ts'
import { until } from './testing/raw-peer.ts'

/** 5,000 in full; `PETRICHOR_SILENT` sets another number. */
const silent = Number(process.env.PETRICHOR_SILENT ?? 5000)
/** What one silent connection may cost the server, with Node's own socket. */
const bytesEach = 16 << 10

/** Starts peers that say nothing, in a process of their own, so that descriptors and memory are the server's. */
function startSilent(server: Server, count: number) {
  const program = fileURLToPath(new URL('testing/silent-peers.js', import.meta.url))
  return fork(program, [String(server.address.port), String(count)])
}

async function isServed(conn: Connection): Promise<number> {
  const from = performance.now()
  assert.equal(bodyText((await conn.request({}, 'served'))?.body), 'served')
  return performance.now() - from
}

test(`${silent} connections at once that say nothing cost little, and a good peer is served meanwhile`, async () => {
  await using server = await serve({ limits: { handshakeMs: 60_000 }, handle: ({ body }) => ({ body }) })
  const { conn } = await connect('127.0.0.1', server.address.port, {})
  const before = process.memoryUsage().rss
  const peers = startSilent(server, silent)
  try {
    let slowestMs = 0
    const end = performance.now() + 50_000
    while (server.connections.size <= silent && performance.now() < end) {
      slowestMs = Math.max(slowestMs, await isServed(conn))
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    assert.equal(server.connections.size, silent + 1)
    const grown = process.memoryUsage().rss - before
    assert.ok(grown < silent * bytesEach + (16 << 20), `${grown} bytes for ${silent}`)
    assert.ok((await isServed(conn)) < 5000 && slowestMs < 5000, `${slowestMs} ms for the slowest answer`)
  } finally {
    peers.kill()
    await conn.close()
  }
})

test('[petri.deadline.1] silent connections are dropped when the handshake has taken too long', async () => {
  const errors: string[] = []
  await using server = await serve({
    limits: { handshakeMs: 500 },
    handle: ({ body }) => ({ body }),
    onConnectionError: (error) => errors.push((error as { code?: string }).code ?? ''),
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {})
  const peers = startSilent(server, 300)
  try {
    await until(() => errors.length === 300, 'all of them are dropped')
    assert.deepEqual([...new Set(errors)], ['ERR_PETRICHOR_HANDSHAKE_TIMEOUT'])
    await isServed(conn)
    assert.equal(server.connections.size, 1)
  } finally {
    peers.kill()
    await conn.close()
  }
})
