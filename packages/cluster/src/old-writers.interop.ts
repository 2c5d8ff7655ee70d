/** Hadoop 1.2.1's client with a file open on our DataNodes: it falls silent, and nodes of its pipeline die. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { JavaPut, missingForHadoop, patternBytes } from '@cairn/testkit'
import { type Cluster, startCluster } from './index.ts'

const version = '1.2.1'
const missing = missingForHadoop()
const bytes = patternBytes(3_000_000)
const half = 1_000_000
/** Its client gives up on a node after so long, and shows life after half of it. */
const socketTimeoutMs = 2_000

describe(`a writer of Hadoop ${version} on an embedded cluster`, { skip: missing ?? false }, () => {
  let cluster: Cluster
  let work: string

  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'cairn-old-writers-'))
    cluster = await startCluster({ dir: work, datanodes: 5, processes: true, rpc: [4, 9] })
  })

  after(async () => {
    await cluster?.close()
    rmSync(work, { recursive: true, force: true })
  })

  async function open(path: string): Promise<JavaPut> {
    const conf = { 'dfs.replication': '3', 'dfs.client.socket-timeout': String(socketTimeoutMs) }
    const put = new JavaPut({ url: cluster.url, path, version, conf })
    await put.write(bytes.subarray(0, half))
    return put
  }

  /** The `ip:port`s of the file's pipeline, nearest node first, once it stands. */
  async function pipelineOf(path: string): Promise<string[]> {
    await using client = await cluster.connect({ user: 'root' })
    for (const end = performance.now() + 60_000; performance.now() < end; await setTimeout(50)) {
      const found = await client.blockLocations(path).catch(() => [])
      const nodes = found[0]?.addresses ?? []
      if (nodes.length > 0) return [...nodes]
    }
    throw new Error(`${path} has no block`)
  }

  async function finished(put: JavaPut, path: string, replicas: number): Promise<void> {
    assert.equal(await put.end(), 0, put.log)
    await using client = await cluster.connect({ user: 'root' })
    assert.deepEqual(Buffer.from(await client.readFile(path)), Buffer.from(bytes))
    const [block] = await client.blockLocations(path)
    assert.ok((block?.addresses.length ?? 0) >= replicas)
  }

  // [xfer17.write.6]
  test('its heartbeats are answered by every node while it has nothing to say', async () => {
    const put = await open('/silent')
    await pipelineOf('/silent')
    await setTimeout(2.5 * socketTimeoutMs)
    await put.write(bytes.subarray(half))
    await finished(put, '/silent', 3)
    assert.doesNotMatch(put.log, /Error Recovery/)
  })

  // [xfer17.write.5] [xfer17.ack.2]
  for (const [position, name] of [
    [0, 'first'],
    [2, 'last'],
  ] as const) {
    test(`it goes on when the ${name} node of its pipeline dies`, async () => {
      const path = `/death-${name}`
      const put = await open(path)
      const victim = (await pipelineOf(path))[position]
      const node = cluster.datanodes.find(({ address }) => `${address.host}:${address.port}` === victim)
      assert.ok(node?.pid, victim)
      await put.write(bytes.subarray(half, 2 * half))
      process.kill(node.pid, 'SIGKILL')
      await put.write(bytes.subarray(2 * half))
      await finished(put, path, 2)
      assert.match(put.log, new RegExp(`bad datanode\\[${position}\\]`))
    })
  }
})
