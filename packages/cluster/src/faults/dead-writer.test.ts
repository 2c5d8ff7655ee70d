import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { patternBytes } from '@cairn/testkit'
import type { Cluster } from '../cluster.ts'
import { sha256, until, untilReplicated, withCluster } from './test-support/fault-support.ts'

const program = fileURLToPath(new URL('./test-support/dead-writer-process.js', import.meta.url))

/** Has another process write a file and kills it before it can close the file. */
async function killedWriter(
  cluster: Cluster,
  path: string,
  flushed: number,
  unflushed: number,
): Promise<void> {
  const child = fork(program, [cluster.url, path, String(flushed), String(unflushed)])
  const exited = once(child, 'exit')
  await Promise.race([once(child, 'message'), exited])
  assert.equal(child.exitCode, null, 'the writer ended by itself')
  child.kill('SIGKILL')
  await exited
}

for (const { name, flushed, unflushed } of [
  { name: 'in the middle of a chunk', flushed: 300_001, unflushed: 0 },
  { name: 'with more on its way', flushed: 300_001, unflushed: 200_000 },
  { name: 'in the second block', flushed: 1_300_001, unflushed: 100 },
  { name: 'at the border of a block', flushed: 1_048_576, unflushed: 0 },
]) {
  test(`what a killed writer flushed can be read, recovered and appended to: ${name}`, () =>
    withCluster({ datanodes: 3 }, async (cluster) => {
      const client = await cluster.connect({ replication: 2 })
      try {
        const written = patternBytes(flushed + unflushed)
        await killedWriter(cluster, '/left', flushed, unflushed)
        // Before anything is recovered a reader gets what was flushed.
        const open = await client.readFile('/left')
        assert.ok(open.length >= flushed && open.length <= written.length, `${open.length} bytes`)
        assert.equal(sha256(open), sha256(written.subarray(0, open.length)))
        // The lease is the dead writer's: nobody else may write yet.
        await assert.rejects(client.appendFile('/left', 'x'), { code: 'EBUSY' })
        await until('the file is closed', () => client.recoverLease('/left'))
        const closed = await client.readFile('/left')
        assert.ok(closed.length >= flushed && closed.length <= written.length, `${closed.length} bytes`)
        assert.equal(sha256(closed), sha256(written.subarray(0, closed.length)))
        assert.equal((await client.stat('/left')).size, closed.length)
        const more = patternBytes(777_777, 9)
        await client.appendFile('/left', more)
        const whole = Buffer.concat([closed, more])
        assert.equal(sha256(await client.readFile('/left')), sha256(whole))
        await untilReplicated(cluster, client, '/left', 2)
      } finally {
        await client.close()
      }
    }))
}

test('the NameNode closes the file of a dead writer by itself when its lease has run out', () =>
  withCluster(
    {
      datanodes: 3,
      conf: { 'dfs.namenode.lease-hard-limit-sec': '500ms', 'dfs.namenode.lease-recheck-interval-ms': '100' },
    },
    async (cluster) => {
      const client = await cluster.connect({ replication: 2 })
      try {
        await killedWriter(cluster, '/left', 300_001, 0)
        await until('the file is closed', () =>
          client.appendFile('/left', 'x').then(
            () => true,
            () => false,
          ),
        )
        const whole = Buffer.concat([patternBytes(300_001), Buffer.from('x')])
        assert.equal(sha256(await client.readFile('/left')), sha256(whole))
      } finally {
        await client.close()
      }
    },
  ))
