/** Ours beside two Java DataNodes: what files go through, read by both clients. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { missingForHadoop, patternBytes } from '@cairn/testkit'
import { blockFiles, MixedCluster, sha256 } from './testing/mixed-cluster.ts'
import { until } from './testing/until.ts'
import { readFrom, writeInOrder } from './testing/write-in-order.ts'

const skip = missingForHadoop() ?? false
const content = patternBytes(5_000_001)
let cluster: MixedCluster
let file: string

describe('one DataNode of ours beside two of Java', { skip }, () => {
  before(async () => {
    cluster = await MixedCluster.start({ ours: 1, theirs: 2 })
    file = join(cluster.root, 'content')
    writeFileSync(file, content)
  })
  after(() => cluster?.close())

  test('dfsadmin and fsck see ours as one of three', async () => {
    const [ours] = cluster.ours
    const report = await cluster.admin('-report')
    assert.match(report, /Live datanodes \(3\)/)
    assert.match(
      report,
      new RegExp(`Name: ${ours!.address} \\(localhost\\)[^]*?Decommission Status : Normal`),
    )
    await cluster.fs('-put', file, '/seen')
    const { stdout, code } = await cluster.hadoop.fsck('/seen', '-files', '-blocks', '-locations')
    assert.equal(code, 0)
    assert.match(stdout, /is HEALTHY/)
    assert.equal(stdout.split(ours!.address).length - 1, 5, 'every block has a replica on ours')
    await cluster.assertContent('/seen', content)
    const volumes = await cluster.admin('-getVolumeReport', `127.0.0.1:${ours!.ipcPort}`)
    assert.match(volumes, /numBlocks\s*:\s*5|Number of Blocks: 5|5/)
  })

  test('files through ours as head, middle and tail of a pipeline: equal replicas everywhere', async () => {
    const data = patternBytes(700_001, 3)
    const us = cluster.ours[0]!.address
    const placed = {
      head: (all: readonly string[]) => [us, ...all.filter((address) => address !== us)],
      middle: (all: readonly string[]) => {
        const [first, last] = all.filter((address) => address !== us)
        return [first!, us, last!]
      },
      tail: (all: readonly string[]) => [...all.filter((address) => address !== us), us],
    }
    for (const [place, order] of Object.entries(placed)) {
      const path = `/ours-as-${place}`
      await writeInOrder(cluster.client, path, data, order)
      await cluster.assertContent(path, data)
      for (const { xferaddr } of await cluster.liveNodes())
        assert.deepEqual(
          await readFrom(cluster.client, path, xferaddr),
          Buffer.from(data),
          `${path} on ${xferaddr}`,
        )
    }
    // Java's client chooses by itself: 30 blocks meet every order.
    writeFileSync(file, patternBytes(30 << 18, 5))
    await cluster.fs('-D', 'dfs.blocksize=262144', '-put', '-f', file, '/by-chance')
    await cluster.assertContent('/by-chance', patternBytes(30 << 18, 5))
    await cluster.healthy('/', 3)
    const [ours, ...theirs] = [
      blockFiles(cluster.ours[0]!.folders),
      ...[0, 1].map((index) => blockFiles([cluster.hadoop.datanodeDir(index)])),
    ]
    for (const [name, path] of ours!) {
      for (const other of theirs) assert.ok(readFileSync(path).equals(readFileSync(other.get(name)!)), name)
    }
  })

  test('append, truncate and concat by Java; ours keeps up', async () => {
    writeFileSync(file, content)
    await cluster.fs('-put', '-f', file, '/changing')
    for (const round of [1, 2]) await cluster.fs('-appendToFile', file, '/changing').then(() => round)
    const whole = Buffer.concat([content, content, content])
    await cluster.assertContent('/changing', whole)
    for (const length of [12_000_000, 9_437_184, 700]) {
      await cluster.truncate('/changing', length)
      await cluster.assertContent('/changing', whole.subarray(0, length))
    }
    await cluster.fs('-appendToFile', file, '/changing')
    await cluster.assertContent('/changing', Buffer.concat([whole.subarray(0, 700), content]))
    await cluster.healthy('/changing', 3)
  })

  test('hflush and hsync: an open file is readable up to what was acknowledged, on every node', async () => {
    const { client } = cluster
    const handle = await client.open('/open', 'w')
    let written = 0
    for (const [bytes, flush] of [
      [70_000, 'hflush'],
      [511, 'hsync'],
      [1, 'hflush'],
      [1_200_000, 'hsync'],
    ] as const) {
      await handle.write(content, written, bytes)
      await handle[flush]()
      written += bytes
      assert.ok((await cluster.fs('-cat', '/open')).length > 0)
      for (const { xferaddr } of await cluster.liveNodes()) {
        const got = await readFrom(client, '/open', xferaddr)
        assert.ok(got.equals(content.subarray(0, got.length)), xferaddr)
      }
      assert.equal((await client.readFile('/open')).length, written)
    }
    await handle.close()
    await cluster.assertContent('/open', content.subarray(0, written))
  })

  test('setrep up copies to ours and from ours, setrep down deletes here too', async () => {
    const path = '/replication'
    await cluster.fs('-D', 'dfs.replication=1', '-put', '-f', file, path)
    await cluster.fs('-setrep', '-w', '3', path)
    await cluster.healthy(path, 3)
    for (const { xferaddr } of await cluster.liveNodes())
      assert.ok((await readFrom(cluster.client, path, xferaddr)).equals(content), xferaddr)
    await cluster.fs('-setrep', '1', path)
    await cluster.healthy(path, 1)
    await cluster.assertContent(path, content)
    await cluster.fs('-rm', '-skipTrash', path)
  })

  test('a snapshot keeps the last block as it was when the file goes on', async () => {
    await cluster.fs('-mkdir', '-p', '/snap')
    await cluster.admin('-allowSnapshot', '/snap')
    await cluster.fs('-put', '-f', file, '/snap/f')
    await cluster.fs('-createSnapshot', '/snap', 's1')
    await cluster.fs('-appendToFile', file, '/snap/f')
    await cluster.fs('-createSnapshot', '/snap', 's2')
    // Not at a block's border, and the block belongs to a snapshot: the NameNode has a copy made and cut.
    await cluster.truncate('/snap/f', 4_500_000)
    await cluster.assertContent('/snap/f', content.subarray(0, 4_500_000))
    await cluster.assertContent('/snap/.snapshot/s1/f', content)
    await cluster.assertContent('/snap/.snapshot/s2/f', Buffer.concat([content, content]))
    await cluster.fs('-rm', '-skipTrash', '/snap/f')
    await cluster.assertContent('/snap/.snapshot/s1/f', content)
    await cluster.fs('-deleteSnapshot', '/snap', 's2')
    await cluster.assertContent('/snap/.snapshot/s1/f', content)
    await cluster.healthy('/')
  })

  test('a bit that turned over on ours is found by a Java reader, reported and healed', async () => {
    const path = '/rotten'
    const data = patternBytes(300_000, 9)
    const us = cluster.ours[0]!
    // Two replicas, one of them here: with three there would be no node left to copy the block to.
    const name = await until('a replica on ours', 60_000, async () => {
      await cluster.client.writeFile(path, data, { replication: 2 })
      const [{ locatedBlock } = assert.fail()] = await cluster.client.blockLocations(path)
      return locatedBlock.locs.some(({ id }) => id.xferPort === us.port) && `blk_${locatedBlock.b.blockId}`
    })
    const damaged = blockFiles(us.folders).get(name)!
    const bytes = readFileSync(damaged)
    bytes[123_456]! ^= 1
    writeFileSync(damaged, bytes)
    // Java's reader takes the nodes in an order of chance: it reads until it has met ours.
    await until('the end of the damaged replica', 60_000, async () => {
      assert.equal(await cluster.javaDigest(path), sha256(data))
      const found = blockFiles(us.folders).get(name)
      return found === undefined || readFileSync(found).equals(data)
    })
    await cluster.healthy(path, 2)
    await cluster.assertContent(path, data)
    assert.equal(await cluster.figure('CorruptBlocks'), 0)
  })
})
