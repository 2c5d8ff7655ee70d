/**
 * Our DataNode under NameNodes of releases before 2.4, each with its own release's Java client: registration in its
 * words, one storage instead of several, reports without leases. `HADOOP_VERSION` names the release; later ones are the
 * matter of the other files, and then 2.0.2-alpha stands for the old ones.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { RpcClient } from '@cairn/hadoop-ipc'
import { clientProtocol, hdfsGenerations, namenodeTraits } from '@cairn/hdfs-protocol'
import { type Hadoop, JavaPut, JavaShell, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'
import { until } from './testing/until.ts'

const missing = missingForHadoop()
const skip = missing === undefined ? false : missing
const asked = process.env.HADOOP_VERSION ?? '3.4.3'
const version = namenodeTraits(asked).ownLayout ? '2.0.2-alpha' : asked
const isFirst = version.startsWith('1.')
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-old-'))
const big = join(root, 'big')
const bytes = patternBytes(5_000_001)
const waitMs = 60_000
const conf = { 'dfs.blocksize': '1048576', 'dfs.block.size': '1048576', 'dfs.replication': '1' }
let hadoop: Hadoop
let shell: JavaShell
let node: DataNode

function start(): Promise<DataNode> {
  return startDataNode({
    namenode: { host: hadoop.host, port: hadoop.port },
    dirs: [join(root, 'disk0'), join(root, 'disk1')],
    heartbeatIntervalMs: 500,
    rpcVersions: [9, 8, 7, 4],
  })
}

before(async () => {
  if (skip) return
  writeFileSync(big, bytes)
  hadoop = await startHadoop({ version, datanodes: 0, conf })
  node = await start()
  await node.ready()
  shell = new JavaShell({ url: hadoop.url, version, conf })
})

after(async () => {
  await shell?.close()
  await node?.close()
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

async function fs(...args: string[]): Promise<string> {
  const result = await shell.fs(...args)
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}

const sha = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

async function digestOf(path: string): Promise<string> {
  const copy = join(root, 'copy')
  rmSync(copy, { force: true })
  await fs('-get', path, copy)
  return sha(readFileSync(copy))
}

async function remove(path: string): Promise<void> {
  await (isFirst ? fs('-rmr', '-skipTrash', path) : fs('-rm', '-r', '-skipTrash', path))
}

const replicas = (): number => node.status().volumes.reduce((sum, volume) => sum + volume.replicas, 0)

test(`the NameNode of ${version} counts our node and the room of all its disks`, { skip }, async () => {
  const { stdout } = await shell.admin('-report')
  assert.match(stdout, isFirst ? /Datanodes available: 1/ : /Datanodes available: 1|Live datanodes/)
  const capacity = Number(/Configured Capacity: (\d+)/.exec(stdout)?.[1])
  const ours = node.status().volumes.reduce((sum, volume) => sum + volume.capacity, 0)
  assert.ok(Math.abs(capacity - ours) < ours / 100, `${capacity} of ${ours}`)
})

test('a file written by its own client is stored, reported and read back', { skip }, async () => {
  await fs('-put', big, '/one')
  assert.equal(await digestOf('/one'), sha(bytes))
  assert.equal(replicas(), 5)
})

test('after a restart both volumes are reported as the one storage that they are there', {
  skip,
}, async () => {
  await node.close()
  node = await start()
  await node.ready()
  assert.equal(await digestOf('/one'), sha(bytes))
})

test('what a writer that died had written is recovered to one length and read back', { skip }, async () => {
  const put = new JavaPut({ url: hadoop.url, version, path: '/orphan', conf })
  const before = replicas()
  await put.write(bytes.subarray(0, 700_000))
  await until('the first block being written', waitMs, () => replicas() > before)
  await put.kill()
  // Shells of Hadoop 2 rename when all is written.
  const src = /\/orphan\S*/.exec(await fs('-ls', '/'))![0]
  const address = { host: hadoop.host, port: hadoop.port }
  const client = new RpcClient({ user: 'root', generations: hdfsGenerations })
  const { recoverLease } = clientProtocol.methods
  await until('the lease', waitMs, async () => {
    const request = { src, clientName: 'somebody' }
    return (await client.call(address, clientProtocol.name, recoverLease, request)).result
  })
  await client.close()
  const copy = join(root, 'orphan')
  await fs('-get', src, copy)
  const recovered = readFileSync(copy)
  assert.ok(recovered.length > 0 && recovered.length <= 700_000, `${recovered.length} bytes`)
  assert.equal(sha(recovered), sha(bytes.subarray(0, recovered.length)))
  await remove(src)
})

test('orders to delete reach our disks', { skip }, async () => {
  await remove('/one')
  await until('the replicas are gone', waitMs, () => replicas() === 0)
})

test('in one pipeline with a DataNode of the release, and copies to and from it', { skip }, async () => {
  const java = await startHadoop({ version, namenode: `${hadoop.host}:${hadoop.port}`, datanodes: 1, conf })
  try {
    await until('two nodes', waitMs, async () =>
      /vailable: 2|nodes \(2\)/.test((await shell.admin('-report')).stdout),
    )
    await fs('-D', 'dfs.replication=2', '-put', big, '/both')
    await fs('-put', big, '/copied')
    await fs('-setrep', '-w', '2', '/copied')
    const stored = replicas()
    await java.killDatanode(0)
    // What ours has is all that is left.
    assert.equal(stored, 10)
    for (const path of ['/both', '/copied']) assert.equal(await digestOf(path), sha(bytes))
  } finally {
    await java.stop()
  }
})
