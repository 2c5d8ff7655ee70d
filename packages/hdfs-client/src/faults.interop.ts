import assert from 'node:assert/strict'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DatanodeReportTypeProto } from '@cairn/hadoop-proto'
import { freePort, type Hadoop, startHadoop } from '@cairn/testkit'
import type { HdfsClient } from './client.ts'
import { connect } from './connect.ts'
import { HdfsFileError } from './fs/file-error.ts'
import { pause } from './pause.ts'
import { testBytes } from './testing/index.ts'

const mebi = 1024 * 1024

let hadoop: Hadoop
let client: HdfsClient

before(async () => {
  hadoop = await startHadoop({
    datanodes: 3,
    conf: { 'dfs.namenode.safemode.extension': '0', 'dfs.namenode.heartbeat.recheck-interval': '2000' },
  })
  client = await connect(hadoop.url)
})
after(async () => {
  await client.close()
  await hadoop.stop()
})

/** The DataNode (its number) that holds the first listed replica of a file's first block. */
async function nearestDatanode(path: string): Promise<number> {
  const [first] = await client.blockLocations(path)
  for (let index = 0; index < 3; index += 1) {
    if (await replicaFile(index, first!.locatedBlock.b.blockId)) {
      const uuid = first!.locatedBlock.locs[0]!.id.datanodeUuid
      if ((await datanodeUuid(index)) === uuid) return index
    }
  }
  throw new Error(`no DataNode of ours holds ${path}`)
}

async function datanodeUuid(index: number): Promise<string | undefined> {
  const file = await open(join(hadoop.datanodeDir(index), 'current/VERSION'))
  const text = await file.readFile('utf8').finally(() => file.close())
  return /^datanodeUuid=(.*)$/m.exec(text)?.[1]
}

async function replicaFile(index: number, blockId: bigint): Promise<string | undefined> {
  const root = hadoop.datanodeDir(index)
  const names = await readdir(root, { recursive: true })
  const found = names.find((name) => name.endsWith(`/blk_${blockId}`))
  return found && join(root, found)
}

/** Starts a DataNode again and waits until all three have talked to the NameNode since. */
async function revive(index: number): Promise<void> {
  const since = Date.now()
  await hadoop.restartDatanode(index)
  const giveUpAt = since + 120_000
  for (let alive = 0; alive < 3; ) {
    assert.ok(Date.now() < giveUpAt, `DataNode ${index} came back within 120 s`)
    await pause(200)
    const { di } = await client.call('getDatanodeReport', { type: DatanodeReportTypeProto.LIVE })
    alive = di.filter(({ lastUpdate }) => Number(lastUpdate) > since).length
  }
}

async function flipByte(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, position)
  byte[0]! ^= 0x40
  await file.write(byte, 0, 1, position)
  await file.close()
}

test('connect names address, finding and way out for a web server’s and a closed port', async () => {
  await assert.rejects(connect(`hdfs://127.0.0.1:${hadoop.httpPort}/`), {
    name: 'NamenodeError',
    code: 'ERR_HDFS_NOT_A_NAMENODE',
    message: new RegExp(`127\\.0\\.0\\.1:${hadoop.httpPort}.*HTTP.*8020`),
  })
  const closed = await freePort()
  await assert.rejects(connect(`hdfs://127.0.0.1:${closed}/`), {
    code: 'ERR_HDFS_UNREACHABLE',
    message: new RegExp(`127\\.0\\.0\\.1:${closed}.*refused`),
  })
})

test('connect to a DataNode’s ports is refused, not waited for', async () => {
  await client.writeFile('/ports', 'x')
  const [block] = await client.blockLocations('/ports')
  const { id } = block!.locatedBlock.locs[0]!
  await assert.rejects(connect(`hdfs://127.0.0.1:${id.ipcPort}/`), { code: 'ERR_HDFS_NOT_A_NAMENODE' })
  await assert.rejects(connect(`hdfs://127.0.0.1:${id.xferPort}/`), { code: 'ERR_HDFS_UNREACHABLE' })
})

test('changes in safe mode are EROFS with the way out, or wait for its end', async () => {
  await hadoop.admin('-safemode', 'enter')
  assert.equal(await client.isInSafeMode(), true)
  await assert.rejects(client.mkdir('/safe'), (error: unknown) => {
    assert.ok(error instanceof HdfsFileError)
    assert.equal(error.code, 'EROFS')
    assert.match(
      error.message,
      /^EROFS: read-only file system, mkdir '\/safe': .*127\.0\.0\.1:\d+.*-safemode leave/,
    )
    return true
  })
  const patient = await connect(hadoop.url, { safeModeWaitMs: 60_000 })
  const made = patient.mkdir('/safe')
  await hadoop.admin('-safemode', 'leave')
  await made
  await patient.close()
  assert.ok(await client.exists('/safe'))
})

test('a flipped bit is never delivered: other replicas are read, the bad one is reported', async () => {
  const bytes = testBytes(3 * mebi)
  await client.writeFile('/flipped', bytes, { replication: 3 })
  const nearest = await nearestDatanode('/flipped')
  const { blockId } = (await client.blockLocations('/flipped'))[0]!.locatedBlock.b
  await flipByte((await replicaFile(nearest, blockId))!, mebi + 5)
  const uuid = await datanodeUuid(nearest)
  // The NameNode shuffles replicas that are equally near: read until the bad one was met.
  for (let reads = 0, listed = true; listed; reads += 1) {
    assert.ok(reads < 50, 'the bad replica is listed no more')
    assert.deepEqual(await client.readFile('/flipped'), Buffer.from(bytes))
    const { locatedBlock } = (await client.blockLocations('/flipped'))[0]!
    listed = locatedBlock.locs.some(({ id }) => id.datanodeUuid === uuid)
  }
})

test('with one replica a flipped bit is an error', async () => {
  await client.writeFile('/lonely', testBytes(mebi), { replication: 1 })
  const nearest = await nearestDatanode('/lonely')
  const { blockId } = (await client.blockLocations('/lonely'))[0]!.locatedBlock.b
  await flipByte((await replicaFile(nearest, blockId))!, 700_000)
  await assert.rejects(client.readFile('/lonely'), {
    code: 'EIO',
    message: /^EIO: i\/o error, read '\/lonely': none of the 1 replicas .*1 with wrong checksums/,
  })
})

test('a read goes on when its DataNode dies', async () => {
  const bytes = testBytes(24 * mebi)
  await client.writeFile('/survivor', bytes, { replication: 3 })
  const nearest = await nearestDatanode('/survivor')
  const handle = await client.open('/survivor')
  const read = Buffer.alloc(bytes.length)
  let count = (await handle.read(read, 0, mebi)).bytesRead
  await hadoop.killDatanode(nearest)
  while (count < read.length) count += (await handle.read(read, count, mebi)).bytesRead
  await handle.close()
  assert.deepEqual(read, Buffer.from(bytes))
  await revive(nearest)
})

for (const replication of [3, 2]) {
  test(`a write with replication ${replication} goes on when a DataNode of its pipeline dies`, async () => {
    const bytes = testBytes(12 * mebi, replication)
    const path = `/written-${replication}`
    const handle = await client.open(path, 'w', { replication, blockSize: 64 * mebi })
    await handle.write(bytes, 0, 2 * mebi)
    await handle.hflush()
    const { locatedBlock } = (await client.blockLocations(path))[0]!
    const uuids = await Promise.all([0, 1, 2].map(datanodeUuid))
    // The last one of the pipeline with three, the first one with two.
    const victim = uuids.indexOf(locatedBlock.locs.at(replication === 3 ? -1 : 0)!.id.datanodeUuid)
    for (let at = 2 * mebi; at < 6 * mebi; at += mebi) await handle.write(bytes, at, mebi)
    await hadoop.killDatanode(victim)
    for (let at = 6 * mebi; at < 12 * mebi; at += mebi) await handle.write(bytes, at, mebi)
    await handle.hsync()
    await handle.close()
    assert.deepEqual(await client.readFile(path), Buffer.from(bytes))
    const shell = await hadoop.fs('-cat', path)
    assert.equal(shell.code, 0)
    await revive(victim)
  })
}

test('small files are written while a DataNode is dead and not yet known to be', async () => {
  await hadoop.killDatanode(1)
  for (let index = 0; index < 10; index += 1)
    await client.writeFile(`/small-${index}`, `n${index}`, { replication: 2 })
  for (let index = 0; index < 10; index += 1) {
    assert.equal(await client.readFile(`/small-${index}`, 'utf8'), `n${index}`)
  }
  await revive(1)
})

test('a DataNode that hangs is left for another, in reads and at the head of a pipeline', async () => {
  const hasty = await connect(hadoop.url, { dataTimeoutMs: 4_000 })
  const bytes = testBytes(16 * mebi, 9)
  await hasty.writeFile('/hang', bytes, { replication: 3 })
  const handle = await hasty.open('/hang')
  const read = Buffer.alloc(bytes.length)
  let count = (await handle.read(read, 0, mebi)).bytesRead
  const writing = await hasty.open('/hang-write', 'w', { replication: 3 })
  await writing.write(bytes, 0, mebi)
  await writing.hflush()
  // The node that this client talks to itself. One farther down is found by the DataNode before it, whose patience is
  // that of the cluster's dfs.client.socket-timeout.
  const first = (await hasty.blockLocations('/hang-write'))[0]!.locatedBlock.locs[0]!.id.datanodeUuid
  const uuids = await Promise.all([0, 1, 2].map(datanodeUuid))
  const { pid } = hadoop.datanodeProcesses[uuids.indexOf(first)]!
  process.kill(pid, 'SIGSTOP')
  try {
    while (count < read.length) count += (await handle.read(read, count, mebi)).bytesRead
    assert.deepEqual(read, Buffer.from(bytes))
    await writing.write(bytes, mebi)
    await writing.close()
    assert.deepEqual(await hasty.readFile('/hang-write'), Buffer.from(bytes))
  } finally {
    process.kill(pid, 'SIGCONT')
    await handle.close()
    await hasty.close()
  }
})

test('connect without a URL finds the cluster through HADOOP_CONF_DIR', async () => {
  const configured = await connect(undefined, {
    env: { HADOOP_CONF_DIR: hadoop.confDir, HADOOP_USER_NAME: 'alice' },
  })
  assert.equal(configured.url, hadoop.url)
  await configured.writeFile('/by-conf', '')
  assert.equal((await configured.stat('/by-conf')).owner, 'alice')
  await configured.close()
})

test('calls outlive a restart of the NameNode', async () => {
  const patient = await connect(hadoop.url, { retryMs: 120_000, safeModeWaitMs: 120_000 })
  await hadoop.killNamenode()
  const during = patient.stat('/survivor')
  await hadoop.restartNamenode()
  assert.equal((await during).size, 24 * mebi)
  await patient.mkdir('/after-restart')
  await patient.close()
})
