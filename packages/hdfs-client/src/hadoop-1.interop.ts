// What is different on Hadoop 1: who mends a broken pipeline, what a checksum is, who knows the length of an open file.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Hadoop, JavaShell, startHadoop } from '@cairn/testkit'
import type { HdfsClient } from './client.ts'
import { connect } from './connect.ts'
import { testBytes } from './testing/index.ts'

const version = '1.2.1'
const mebi = 1024 * 1024
const user = 'root'

let hadoop: Hadoop
let java: JavaShell
let client: HdfsClient

before(async () => {
  // A DataNode that leads a recovery looks for a dead one as often as this says, a second each time.
  const conf = { 'ipc.client.connect.max.retries': '2' }
  hadoop = await startHadoop({ version, datanodes: 3, conf })
  java = new JavaShell({ url: hadoop.url, version, user })
  client = await connect(hadoop.url, { user })
})
after(async () => {
  await java?.close()
  await client?.close()
  await hadoop?.stop()
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Kills the DataNode that is `index`-th in the pipeline of a file's last block. */
async function killInPipeline(path: string, index: number): Promise<void> {
  const { locatedBlock } = (await client.blockLocations(path)).at(-1)!
  const { xferPort } = locatedBlock.locs.at(index)!.id
  for (const [number] of hadoop.datanodeProcesses.entries()) {
    const conf = await readFile(join(hadoop.dir, `dn${number}`, 'conf', 'hdfs-site.xml'), 'utf8')
    if (conf.includes(`127.0.0.1:${xferPort}<`)) return await hadoop.killDatanode(number)
  }
  assert.fail(`no DataNode listens on ${xferPort}`)
}

test('the checksum of a file is the one that Java 1.2.1 says', async () => {
  for (const [name, length] of [
    ['empty', 0],
    ['one', 1000],
    ['three', 2 * mebi + 5],
  ] as const) {
    await client.writeFile(`/${name}`, testBytes(length), { blockSize: mebi })
    const { algorithm, hex } = await client.checksum(`/${name}`)
    assert.equal((await java.checksum(`/${name}`)).stdout.trim(), `${algorithm} ${hex}`)
  }
})

// [client1.length.1] [client1.located.1]
test('the length of an open file is what its DataNodes have', async () => {
  const handle = await client.open('/open', 'w', { blockSize: mebi })
  const bytes = testBytes(mebi + 12_345)
  await handle.write(bytes)
  await handle.hflush()
  assert.equal(sha256(await client.readFile('/open')), sha256(bytes))
  const printed = await java.fs('-cat', '/open')
  assert.equal(printed.stderr, '')
  assert.equal((await client.call('isFileClosed', { src: '/open' })).result, false)
  const other = await connect(hadoop.url, { user: 'other' })
  await assert.rejects(other.open('/open', 'a'), { code: 'EBUSY' })
  await other.close()
  await client.call('renewLease', { clientName: 'anybody', namespaces: [] })
  await handle.close()
  assert.equal((await client.call('isFileClosed', { src: '/open' })).result, true)
  assert.equal((await client.stat('/open')).size, bytes.length)
})

// [client1.quota.1] [client1.error.1]
test('quotas, content and safe mode fail and count as today', async () => {
  await client.mkdir('/quota')
  const unset = 0x7fff_ffff_ffff_ffffn
  await client.call('setQuota', { path: '/quota', namespaceQuota: 2n, storagespaceQuota: unset })
  await client.writeFile('/quota/f', 'counted', { replication: 1 })
  await assert.rejects(client.writeFile('/quota/g', ''), { code: 'EDQUOT' })
  const { fileAndDirectoryCount, quota, spaceConsumed } = await client.quotaUsage('/quota')
  assert.deepEqual([fileAndDirectoryCount, quota, spaceConsumed], [2, 2, 7])
  const storageType = { path: '/quota', namespaceQuota: 2n, storagespaceQuota: 1n, storageType: 1 }
  await assert.rejects(client.call('setQuota', storageType), /quotas of storage types; .* since 2\.7\.0/)
  await client.call('setSafeMode', { action: 2 })
  await assert.rejects(client.mkdir('/safe'), { code: 'EROFS' })
  await client.call('setSafeMode', { action: 1 })
  await assert.rejects(client.setReplication('/quota/f', 1000), { code: 'EINVAL' })
})

// [client1.recovery.1]
test('a DataNode that dies in mid-write costs no byte: another leads the recovery', async () => {
  const bytes = testBytes(6 * mebi + 777, 5)
  const handle = await client.open('/killed', 'w', { blockSize: 4 * mebi, replication: 3 })
  await handle.write(bytes, 0, mebi + 100)
  await handle.hflush()
  await killInPipeline('/killed', 0)
  await handle.write(bytes, mebi + 100)
  await handle.close()
  assert.equal(sha256(await client.readFile('/killed')), sha256(bytes))
  const printed = await java.checksum('/killed')
  const { algorithm, hex } = await client.checksum('/killed')
  assert.equal(printed.stdout.trim(), `${algorithm} ${hex}`)
})

test('and one that dies in mid-append, as the last of its pipeline', async () => {
  const bytes = testBytes(3 * mebi, 6)
  await client.writeFile('/appended', bytes.subarray(0, mebi + 1), { blockSize: 4 * mebi, replication: 2 })
  const handle = await client.open('/appended', 'a')
  await handle.write(bytes, mebi + 1, mebi)
  await handle.hflush()
  await killInPipeline('/appended', -1)
  await handle.write(bytes, 2 * mebi + 1)
  await handle.close()
  assert.equal(sha256(await client.readFile('/appended')), sha256(bytes))
  assert.equal((await client.stat('/appended')).size, bytes.length)
})
