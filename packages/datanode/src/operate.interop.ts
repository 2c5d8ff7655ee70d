/** What an administrator does to our DataNodes with Java's `hdfs dfsadmin`, and what Java's and our writers make of it. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Configuration } from '@cairn/hadoop-conf'
import { connect } from '@cairn/hdfs-client'
import {
  freePort,
  type Hadoop,
  JavaPut,
  JavaShell,
  missingForHadoop,
  patternBytes,
  startHadoop,
} from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'

const missing = missingForHadoop()
const skip = missing === undefined ? false : missing
const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-operate-'))
const bytes = patternBytes(3_000_001)
const half = 1_500_000
let hadoop: Hadoop
let shell: JavaShell
let ports: { port: number; ipcPort: number }
let node: DataNode
/** A busy machine takes long to start a node. */
const patience = { 'dfs.client.datanode-restart.timeout': '120' }
/** What the configuration files of our node say. */
let settings: Record<string, string> = {}

async function start(): Promise<DataNode> {
  const started = await startDataNode({
    namenode: { host: hadoop.host, port: hadoop.port },
    dirs: [join(root, 'ours')],
    user: 'root',
    heartbeatIntervalMs: 500,
    restartReplicaMs: 120_000,
    reloadConfiguration: async () => new Configuration().with(settings),
    ...ports,
  })
  await started.ready()
  return started
}

before(async () => {
  if (skip) return
  ports = { port: await freePort(), ipcPort: await freePort() }
  hadoop = await startHadoop({
    version,
    datanodes: 1,
    conf: {
      'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
      'dfs.datanode.socket.write.timeout': '20000',
      'dfs.datanode.restart.replica.expiration': '120',
    },
  })
  shell = new JavaShell({ url: hadoop.url, version })
  node = await start()
})

after(async () => {
  await node?.close()
  await shell?.close()
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

async function admin(...args: string[]): Promise<string> {
  const result = await shell.admin(...args)
  assert.equal(result.code, 0, `dfsadmin ${args.join(' ')}: ${result.stderr}${result.stdout}`)
  return result.stdout
}

const ours = () => `127.0.0.1:${ports.ipcPort}`

async function until(what: string, ready: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await ready())) {
    assert.ok(Date.now() < end, what)
    await setTimeout(50)
  }
}

/** Live blocks of our node that are being written. */
const writing = () => node.status().replicas.RBW

async function holds(path: string): Promise<void> {
  const client = await connect(hadoop.url, { user: 'root', confDir: false })
  assert.deepEqual(Buffer.compare(await client.readFile(path), bytes), 0)
  await client.close()
  const { stdout } = await hadoop.fsck(path)
  assert.match(stdout, /is HEALTHY/)
}

test('questions that only ask', { skip }, async () => {
  assert.match(await admin('-getDatanodeInfo', ours()), /Uptime: \d+, Software version: 3\.4\.3/)
  assert.match(
    await admin('-getBalancerBandwidth', ours()),
    /Balancer bandwidth is 104857600 bytes per second/,
  )
  assert.match(await admin('-getVolumeReport', ours()), new RegExp(`Directory: ${join(root, 'ours')}`))
  const before = node.status().namenodes[0]!.lastFullReportMs!
  await admin('-triggerBlockReport', ours())
  await admin('-triggerBlockReport', '-incremental', ours())
  await until('another full report', () => node.status().namenodes[0]!.lastFullReportMs! > before)
  await admin('-setBalancerBandwidth', '2097152')
  await until('the new bandwidth', async () => /2097152/.test(await admin('-getBalancerBandwidth', ours())))
})

test('only administrators may', { skip }, async () => {
  const refused = await shell.run(
    'org.apache.hadoop.hdfs.tools.DFSAdmin',
    ['-shutdownDatanode', ours()],
    'mallory',
  )
  assert.notEqual(refused.code, 0)
  assert.match(refused.stderr, /mallory is not allowed to call shutdownDatanode/)
})

test('settings change while the node runs', { skip }, async () => {
  const listed = await admin('-reconfig', 'datanode', ours(), 'properties')
  assert.match(listed, /dfs\.datanode\.balance\.max\.concurrent\.moves/)
  settings = {
    'dfs.datanode.balance.max.concurrent.moves': '7',
    'dfs.datanode.max.transfer.threads': '0',
    'dfs.datanode.data.dir': `${join(root, 'ours')},[SSD]${join(root, 'more')}`,
  }
  await admin('-reconfig', 'datanode', ours(), 'start')
  let status = ''
  await until('the end of it', async () => {
    status = await admin('-reconfig', 'datanode', ours(), 'status')
    return status.includes('finished')
  })
  assert.match(status, /SUCCESS: Changed property dfs\.datanode\.balance\.max\.concurrent\.moves/)
  assert.match(status, /SUCCESS: Changed property dfs\.datanode\.data\.dir/)
  assert.match(status, /FAILED: Change property dfs\.datanode\.max\.transfer\.threads/)
  assert.match(await admin('-getVolumeReport', ours()), /StorageType: SSD/)
})

test('the folders of a pool that nobody rules are deleted, those of ours are not', { skip }, async () => {
  const old = 'BP-1-127.0.0.1-2'
  const finalized = join(root, 'ours', 'current', old, 'current', 'finalized')
  mkdirSync(finalized, { recursive: true })
  writeFileSync(join(finalized, 'blk_1'), 'x')
  const refused = await shell.admin('-deleteBlockPool', ours(), old)
  assert.match(refused.stderr, /It contains some block files/)
  await admin('-deleteBlockPool', ours(), old, 'force')
  assert.throws(() => readFileSync(join(finalized, 'blk_1')), { code: 'ENOENT' })
  const running = await shell.admin('-deleteBlockPool', ours(), node.status().blockPools[0]!, 'force')
  assert.match(running.stderr, /still running/)
})

test("Java's writer goes on without a node that evicts it", { skip }, async () => {
  const put = new JavaPut({ url: hadoop.url, path: '/evicted', version, conf: { 'dfs.replication': '2' } })
  await put.write(bytes.subarray(0, half))
  await until('a block being written here', () => writing() > 0)
  await admin('-evictWriters', ours())
  await put.write(bytes.subarray(half))
  assert.equal(await put.end(), 0, put.log)
  await holds('/evicted')
})

test("Java's writer waits for our node, the only one, to restart", { skip }, async () => {
  await hadoop.killDatanode(0)
  const stopped = node.stopped
  // What an evicted writer left here stays for a while.
  const left = writing()
  const put = new JavaPut({
    url: hadoop.url,
    path: '/restarted',
    version,
    conf: {
      ...patience,
      'dfs.replication': '1',
      'dfs.client.block.write.replace-datanode-on-failure.policy': 'NEVER',
    },
  })
  await put.write(bytes.subarray(0, half))
  await until('a block being written here', () => writing() > left)
  await admin('-shutdownDatanode', ours(), 'upgrade')
  await stopped
  await put.write(bytes.subarray(half))
  node = await start()
  assert.equal(await put.end(), 0, put.log)
  assert.match(put.log, /restarting/i)
  await holds('/restarted')
})

test('our writer waits for our node to restart', { skip }, async () => {
  const client = await connect(hadoop.url, { user: 'root', confDir: false, replication: 1, conf: patience })
  const file = await client.open('/waited', 'w')
  await file.write(bytes.subarray(0, half))
  await file.datasync()
  await admin('-shutdownDatanode', ours(), 'upgrade')
  await node.stopped
  const rest = file.write(bytes.subarray(half))
  node = await start()
  await rest
  await file.close()
  await client.close()
  await holds('/waited')
})

test("our writer waits for Java's node to restart", { skip }, async () => {
  await node.close()
  await hadoop.restartDatanode(0)
  const conf = readFileSync(join(hadoop.dir, 'dn0', 'conf', 'hdfs-site.xml'), 'utf8')
  const ipc = /dfs\.datanode\.ipc\.address<\/name>\s*<value>([^<]+)/.exec(conf)![1]!
  await until("Java's DataNode", async () => (await shell.admin('-getDatanodeInfo', ipc)).code === 0)
  const client = await connect(hadoop.url, { user: 'root', confDir: false, replication: 1, conf: patience })
  const file = await client.open('/java', 'w')
  await file.write(bytes.subarray(0, half))
  await file.datasync()
  const daemon = hadoop.datanodeProcesses[0]!
  await admin('-shutdownDatanode', ipc, 'upgrade')
  await until("the end of Java's DataNode", () => daemon.ended)
  const rest = file.write(bytes.subarray(half))
  await hadoop.restartDatanode(0)
  await rest
  await file.close()
  await client.close()
  node = await start()
  await holds('/java')
})
