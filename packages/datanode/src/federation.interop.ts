/** One of our DataNodes in two nameservices of Apache Hadoop: a block pool for each, side by side on the same disk. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Configuration } from '@cairn/hadoop-conf'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { type Hadoop, JavaShell, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'
import { configuredNameservices } from './namenode/configured-nameservices.ts'
import { until } from './testing/until.ts'

const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-federation-'))
const bytes = patternBytes(700_001)

let hadoop: Hadoop
let shell: JavaShell
let node: DataNode
let configuration: Configuration
const clients: HdfsClient[] = []

before(async () => {
  hadoop = await startHadoop({ version, nameservices: 2, datanodes: 0, conf: { 'dfs.replication': '1' } })
  configuration = configurationOf('ns0,ns1')
  node = await startDataNode({
    nameservices: configuredNameservices(configuration),
    reloadConfiguration: async () => configuration,
    dirs: [join(root, 'data')],
    heartbeatIntervalMs: 500,
    user: 'root',
  })
  await node.ready()
  for (const { host, port } of hadoop.namenodes)
    clients.push(
      await connect(`hdfs://${host}:${port}`, { user: 'root', retryMs: 60_000, safeModeWaitMs: 60_000 }),
    )
  shell = new JavaShell({ url: hadoop.url, version, user: 'root' })
})

after(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await node?.close()
  await shell?.close()
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

function configurationOf(nameservices: string): Configuration {
  const addresses = hadoop.namenodes.map(({ nameservice, host, port }) => [
    `dfs.namenode.rpc-address.${nameservice}`,
    `${host}:${port}`,
  ])
  return new Configuration().with({ ...Object.fromEntries(addresses), 'dfs.nameservices': nameservices })
}

function pools(): string[] {
  return readdirSync(join(root, 'data', 'current')).filter((name) => name.startsWith('BP-'))
}

async function poolOf(client: HdfsClient): Promise<string> {
  return (await client.blockLocations('/file'))[0]!.locatedBlock.b.poolId
}

const ipc = (): string => `${node.ipcAddress.host}:${node.ipcAddress.port}`

test('each nameservice has a pool of its own on the same disk, with its own blocks', async () => {
  for (const [index, client] of clients.entries()) {
    await client.writeFile('/file', bytes.subarray(index), { blockSize: 256 * 1024 })
    assert.deepEqual(await client.readFile('/file'), Buffer.from(bytes.subarray(index)))
  }
  assert.equal(pools().length, 2)
  assert.deepEqual(new Set(node.status().blockPools), new Set(pools()))
  assert.notEqual(await poolOf(clients[0]!), await poolOf(clients[1]!))
  assert.equal(node.status().replicas.FINALIZED, 6)
})

test('a pool that is ruled is not deleted', async () => {
  const refused = await shell.admin('-deleteBlockPool', ipc(), await poolOf(clients[1]!))
  assert.notEqual(refused.code, 0)
  assert.match(refused.stderr, /block pool is still running/)
})

test('refreshNamenodes leaves a nameservice; its pool can then be deleted, and the node joins again', async () => {
  const gone = await poolOf(clients[1]!)
  configuration = configurationOf('ns0')
  assert.equal((await shell.admin('-refreshNamenodes', ipc())).code, 0)
  assert.deepEqual(node.status().blockPools, [await poolOf(clients[0]!)])
  assert.deepEqual(await clients[0]!.readFile('/file'), Buffer.from(bytes))
  const full = await shell.admin('-deleteBlockPool', ipc(), gone)
  assert.notEqual(full.code, 0)
  assert.match(full.stderr, /contains some block files/)
  assert.equal(pools().length, 2)
  const deleted = await shell.admin('-deleteBlockPool', ipc(), gone, 'force')
  assert.equal(deleted.code, 0, deleted.stderr)
  assert.equal(existsSync(join(root, 'data', 'current', gone)), false)
  configuration = configurationOf('ns0,ns1')
  assert.equal((await shell.admin('-refreshNamenodes', ipc())).code, 0)
  await node.ready()
  await until('a block in the pool that was joined again', 60_000, () =>
    clients[1]!.writeFile('/again', bytes).then(
      () => true,
      () => false,
    ),
  )
  assert.deepEqual(await clients[1]!.readFile('/again'), Buffer.from(bytes))
  assert.deepEqual(await clients[0]!.readFile('/file'), Buffer.from(bytes))
})
