/** What watches over our replicas, under Apache Hadoop's NameNode: cache directives, scanners, rolling upgrade. */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type CommandResult, type Hadoop, JavaShell, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'
import { until } from './testing/until.ts'

const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-care-'))
const data = join(root, 'data')
const local = join(root, 'local')
const bytes = patternBytes(3_000_001)
const patientMs = 90_000

let hadoop: Hadoop
let shell: JavaShell
let node: DataNode

before(async () => {
  writeFileSync(local, bytes)
  hadoop = await startHadoop({
    version,
    datanodes: 0,
    conf: {
      'dfs.replication': '1',
      'dfs.namenode.redundancy.interval.seconds': '1',
      'dfs.namenode.path.based.cache.refresh.interval.ms': '500',
      'dfs.namenode.path.based.cache.retry.interval.ms': '500',
      'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
    },
  })
  node = await start()
  shell = new JavaShell({ url: hadoop.url, version, user: 'root' })
})

after(async () => {
  await node?.close()
  await shell?.close()
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

async function start(rollback = false): Promise<DataNode> {
  const started = await startDataNode({
    namenode: { host: hadoop.host, port: hadoop.port },
    dirs: [data],
    heartbeatIntervalMs: 300,
    cacheBytes: 16 << 20,
    cacheReportIntervalMs: 500,
    blockScanBytesPerSecond: 0,
    user: 'root',
    rollback,
  })
  await started.ready()
  return started
}

async function done(result: Promise<CommandResult>): Promise<string> {
  const { code, stdout, stderr } = await result
  assert.equal(code, 0, stdout + stderr)
  return stdout
}

function cacheAdmin(...args: string[]): Promise<string> {
  return done(shell.run('org.apache.hadoop.hdfs.tools.CacheAdmin', args))
}

/** The block file of what was written last. */
function newestBlock(): string {
  const names = readdirSync(join(poolDirectory(), 'current/finalized'), { recursive: true, encoding: 'utf8' })
  const ids = names.flatMap((name) => /\/blk_(\d+)$/.exec(name)?.[1] ?? []).map(BigInt)
  return `blk_${ids.reduce((newest, id) => (id > newest ? id : newest))}`
}

function missingBlocks(count: number): () => Promise<boolean> {
  return async () => new RegExp(`Missing blocks: ${count}\n`).test(await done(shell.admin('-report')))
}

function poolDirectory(): string {
  const current = join(data, 'current')
  return join(current, readdirSync(current).find((name) => name.startsWith('BP-'))!)
}

function fileOf(block: string, below = 'current'): string | undefined {
  const folder = join(poolDirectory(), below, 'finalized')
  if (!existsSync(folder)) return undefined
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(`/${block}`),
  )
  return found && join(folder, found)
}

async function reads(path: string): Promise<Buffer> {
  const copy = join(root, 'copy')
  rmSync(copy, { force: true })
  await done(shell.fs('-get', path, copy))
  return readFileSync(copy)
}

test('cacheadmin shows bytes cached on ours, and they are read without the disk', async () => {
  await done(shell.fs('-put', local, '/cached'))
  await cacheAdmin('-addPool', 'p')
  await cacheAdmin('-addDirective', '-path', '/cached', '-pool', 'p')
  await until('3000001 of 3000001 bytes cached', patientMs, async () =>
    /\/cached\s+3000001\s+3000001\s+1\s+1/.test(await cacheAdmin('-listDirectives', '-stats')),
  )
  assert.match(
    await done(shell.admin('-report')),
    /Configured Cache Capacity: 16777216 .*\nCache Used: 3002368 /,
  )
  const file = fileOf(newestBlock())!
  renameSync(file, join(root, 'aside'))
  assert.deepEqual(await reads('/cached'), Buffer.from(bytes))
  renameSync(join(root, 'aside'), file)
  await cacheAdmin('-removeDirectives', '-path', '/cached')
  await until('nothing cached', patientMs, async () =>
    /Cache Used: 0 /.test(await done(shell.admin('-report'))),
  )
})

test('the directory scanner tells the NameNode of a file that went and of one that came back', async () => {
  await done(shell.fs('-put', local, '/scanned'))
  const file = fileOf(newestBlock())!
  const meta = readdirSync(join(file, '..')).find((name) =>
    name.startsWith(`${file.slice(file.lastIndexOf('/') + 1)}_`),
  )!
  const metaBytes = readFileSync(join(file, '..', meta))
  renameSync(file, join(root, 'aside'))
  assert.equal((await node.scanDirectories()).missingData, 1)
  await until('a missing block', patientMs, missingBlocks(1))
  renameSync(join(root, 'aside'), file)
  writeFileSync(join(file, '..', meta), metaBytes)
  assert.equal((await node.scanDirectories()).missingMemory, 1)
  await until('no missing block', patientMs, missingBlocks(0))
  assert.deepEqual(await reads('/scanned'), Buffer.from(bytes))
})

test('what is deleted in a rolling upgrade is kept, put back by a start with rollback, and gone when it is finalized', async () => {
  await done(shell.fs('-put', local, '/upgraded'))
  const block = newestBlock()
  await done(shell.admin('-safemode', 'enter'))
  await done(shell.admin('-rollingUpgrade', 'prepare'))
  await done(shell.admin('-safemode', 'leave'))
  const marker = join(poolDirectory(), 'RollingUpgradeInProgress')
  await until('the marker of the upgrade', patientMs, () => existsSync(marker))
  await done(shell.fs('-rm', '-skipTrash', '/upgraded'))
  const kept = await until('the block in the trash', patientMs, () => fileOf(block, 'trash'))
  assert.deepEqual(readFileSync(kept), Buffer.from(bytes))
  await node.close()
  node = await start(true)
  assert.equal(existsSync(kept), false)
  // The NameNode was not rolled back: the upgrade goes on.
  await done(shell.fs('-put', local, '/upgraded'))
  const second = newestBlock()
  await done(shell.fs('-rm', '-skipTrash', '/upgraded'))
  await until('the next block in the trash', patientMs, () => fileOf(second, 'trash'))
  await done(shell.admin('-rollingUpgrade', 'finalize'))
  await until('the end of the trash', patientMs, () => !existsSync(join(poolDirectory(), 'trash')))
  assert.equal(existsSync(marker), false)
})
