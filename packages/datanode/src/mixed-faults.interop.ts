/** Ours beside two Java DataNodes: nodes, writers and the NameNode die in the middle. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { missingForHadoop, patternBytes } from '@cairn/testkit'
import { MixedCluster } from './testing/mixed-cluster.ts'
import { until } from './testing/until.ts'

const skip = missingForHadoop() ?? false
const content = patternBytes(6_000_001)
let cluster: MixedCluster

/** Writes in many small steps, each acknowledged, and has `strike` happen on the way. */
async function writeThrough(path: string, strike: () => Promise<void>): Promise<void> {
  const handle = await cluster.client.open(path, 'w')
  const step = 300_000
  for (let at = 0; at < content.length; at += step) {
    await handle.write(content, at, Math.min(step, content.length - at))
    await handle.hflush()
    if (at === 5 * step) await strike()
  }
  await handle.close()
}

/** Leaves a file open with flushed bytes on every node, as a writer that died. */
async function orphan(path: string, bytes: number): Promise<void> {
  const handle = await cluster.client.open(path, 'w')
  await handle.write(content, 0, bytes)
  await handle.hsync()
  await handle.abort()
}

/** Has the lease recovered; returns the DataNodes that the NameNode made primary, `host:port`. */
async function recover(path: string): Promise<void> {
  await until(`recovery of ${path}`, 90_000, () => cluster.client.recoverLease(path), 1000)
}

describe('faults around one DataNode of ours and two of Java', { skip }, () => {
  before(async () => {
    cluster = await MixedCluster.start({ ours: 1, theirs: 2 })
    writeFileSync(join(cluster.root, 'content'), content)
  })
  after(() => cluster?.close())

  test('ours is shot in the middle of a write: the writer goes on, and ours heals when it is back', async () => {
    const [ours] = cluster.ours
    await writeThrough('/ours-shot', () => ours!.kill9())
    await cluster.assertContent('/ours-shot', content)
    await ours!.start()
    await cluster.healthy('/ours-shot', 3, 90_000)
    await cluster.assertContent('/ours-shot', content)
  })

  test('a Java DataNode is shot in the middle of a write: ours goes on', async () => {
    await writeThrough('/theirs-shot', () => cluster.hadoop.killDatanode(0))
    await cluster.assertContent('/theirs-shot', content)
    await cluster.hadoop.restartDatanode(0)
    await cluster.healthy('/theirs-shot', 3, 90_000)
  })

  test('readers go on when a node is shot under them, ours or theirs', async () => {
    const big = patternBytes(16 << 20, 2)
    await cluster.client.writeFile('/read', big)
    for (const victim of ['ours', 'theirs'] as const) {
      const java = cluster.fs('-cat', '/read')
      const ours = Promise.all([1, 2, 3].map(() => cluster.client.readFile('/read')))
      await delay(30)
      if (victim === 'ours') await cluster.ours[0]!.kill9()
      else await cluster.hadoop.killDatanode(1)
      assert.ok((await java).length > 0)
      for (const bytes of await ours) assert.ok(Buffer.from(big).equals(bytes))
      if (victim === 'ours') await cluster.ours[0]!.start()
      else await cluster.hadoop.restartDatanode(1)
    }
    await cluster.untilLive(3)
    await cluster.assertContent('/read', big)
  })

  test('a lease is recovered with ours as primary and as one of those asked by a Java primary', async () => {
    const us = cluster.ours[0]!
    let led = 0
    let followed = 0
    // The NameNode chooses the primary in turn by its last heartbeat, so a few files see both.
    for (let i = 0; i < 20 && (led === 0 || followed === 0); i++) {
      const path = `/orphan-${i}`
      const bytes = 100_000 + i * 777
      const before = us.log().length
      await orphan(path, bytes)
      await recover(path)
      await cluster.untilClosed(path)
      await cluster.assertContent(path, content.subarray(0, bytes))
      const said = us.log().slice(before)
      if (/recovered a block/.test(said)) led++
      else followed++
    }
    assert.ok(led > 0, 'ours was never the primary')
    assert.ok(followed > 0, 'ours was always the primary')
    await cluster.healthy('/', undefined, 90_000)
  })

  test('a writer that goes silent with a node gone: what was synced is there', async () => {
    const us = cluster.ours[0]!
    await orphan('/orphan-and-shot', 1_300_000)
    await us.kill9()
    await us.start()
    await recover('/orphan-and-shot')
    await cluster.assertContent('/orphan-and-shot', content.subarray(0, 1_300_000))
    // The replica that was cut off and left out of the recovery gives way to a copy of what came out of it.
    await cluster.healthy('/orphan-and-shot', 3, 90_000)
  })

  test('the NameNode goes and comes back: ours registers again, nothing is lost', async () => {
    const { hadoop } = cluster
    await cluster.client.writeFile('/before', content)
    await hadoop.killNamenode()
    await delay(3_000)
    await hadoop.restartNamenode()
    await cluster.untilLive(3, 90_000)
    await until('the end of safe mode', 60_000, async () => !(await cluster.client.isInSafeMode()))
    await cluster.assertContent('/before', content)
    await cluster.client.writeFile('/after', content)
    await cluster.healthy('/', undefined, 90_000)
    assert.equal(await cluster.figure('MissingBlocks'), 0)
    assert.equal(await cluster.figure('CorruptBlocks'), 0)
  })
})
