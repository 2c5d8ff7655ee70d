import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Cluster, startCluster } from '@cairn/cluster'
import { type CairnDataNode, cairnDataNode } from '../test-support/cairn-datanode.ts'
import { readDataNodeConfiguration } from './datanode-configuration.ts'

const dir = mkdtempSync(join(tmpdir(), 'cairn-datanode-'))
const freePorts = ['--port', '0', '--ipc-port', '0', '--web', '0']
const nodes: CairnDataNode[] = []
let cluster: Cluster

before(async () => {
  cluster = await startCluster({ datanodes: 1, memory: true })
})

after(async () => {
  for (const { child } of nodes) child.kill('SIGKILL')
  await Promise.all(nodes.map(({ exited }) => exited))
  await cluster.close()
  rmSync(dir, { recursive: true, force: true })
})

function start(...args: string[]): CairnDataNode {
  const { HADOOP_CONF_DIR: _, HADOOP_HOME: __, ...env } = process.env
  const node = cairnDataNode(args, env)
  nodes.push(node)
  return node
}

const flags = {
  namenode: [],
  dir: [],
  host: undefined,
  hostname: undefined,
  port: undefined,
  ipcPort: undefined,
  web: undefined,
  confDir: undefined,
  conf: [],
}

test('a node joins, says so in one line, shows its page, and ends with exit code 0 at SIGTERM', async () => {
  const node = start('--namenode', cluster.url, '--dir', join(dir, '1'), ...freePorts)
  const { address, ipcAddress, webUrl } = await node.ready
  assert.match(address, /^127\.0\.0\.1:\d+$/)
  assert.match(ipcAddress, /^127\.0\.0\.1:\d+$/)
  const page = await (await fetch(webUrl)).text()
  assert.match(page, new RegExp(cluster.url.slice('hdfs://'.length).replaceAll('.', '\\.')))
  const { datanodes } = await cluster.status()
  assert.ok(datanodes.some((one) => one.address === address && one.state === 'live'))
  node.child.kill('SIGTERM')
  assert.equal(await node.exited, 0)
})

test('files and KEY=VALUE are read, and keys that nobody knows are named once', async () => {
  const file = join(dir, 'hdfs-site.xml')
  const property = (name: string, value: string) =>
    `<property><name>${name}</name><value>${value}</value></property>`
  writeFileSync(
    file,
    `<configuration>${property('dfs.datanode.data.dir', `[SSD]${join(dir, '2')}`)}${property('dfs.datanode.dta.dir', 'x')}</configuration>`,
  )
  const node = start(
    ...['--namenode', cluster.url, '--conf', file, '--conf', 'dfs.datanode.address=127.0.0.1:0'],
    ...['--conf', 'dfs.datanode.ipc.address=127.0.0.1:0', '--web', '0'],
  )
  const { webUrl } = await node.ready
  const { properties } = JSON.parse(await (await fetch(`${webUrl}/conf?format=json`)).text())
  assert.ok(properties.some(({ key }: { key: string }) => key === 'dfs.datanode.data.dir'))
  assert.match(await (await fetch(webUrl)).text(), /SSD/)
  assert.equal(node.stderr().split('dfs.datanode.dta.dir').length, 2)
  node.child.kill('SIGINT')
  assert.equal(await node.exited, 0)
})

test('a start that cannot be says what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const failing = start(
    ...['--namenode', cluster.url, '--dir', join(dir, '3'), '--port', String(port), '--ipc-port', '0'],
    ...['--web', '0', '--log-level', 'silent'],
  )
  assert.equal(await failing.exited, 1)
  assert.match(failing.stderr(), /choose another port: --port/)
  taken.close()
  const strange = start('--namenode', cluster.url, '--log-level', 'silent')
  assert.equal(await strange.exited, 2)
  assert.match(strange.stderr(), /--dir DIRECTORY, or dfs\.datanode\.data\.dir/)
})

test('a node of another cluster is refused with both ids, exit code 1', async () => {
  const other = await startCluster({ datanodes: 1, memory: true })
  const at = ['--dir', join(dir, '4'), ...freePorts]
  const first = start('--namenode', other.url, ...at)
  await first.ready
  first.child.kill('SIGTERM')
  await first.exited
  const { namenode } = await other.status()
  await other.close()
  const second = start('--namenode', cluster.url, ...at)
  assert.equal(await second.exited, 1)
  assert.match(second.stderr(), new RegExp(namenode.clusterId))
  assert.match(second.stderr(), new RegExp((await cluster.status()).namenode.clusterId))
})

test('NameNodes are one, the several of a group, or nameservices of the configuration', async () => {
  const read = async (namenode: string[], conf: string[] = []) => {
    const all = { ...flags, namenode, dir: ['[SSD]data'], host: '127.0.0.1', conf }
    const { options } = await readDataNodeConfiguration(all, { env: {}, cwd: '/work' })
    return options
  }
  const one = await read(['hdfs://nn1:8020'], ['dfs.nameservices=other'])
  assert.deepEqual(Object.values(one.nameservices!), [[{ host: 'nn1', port: 8020 }]])
  assert.deepEqual(one.dirs, ['[SSD]/work/data'])
  assert.equal(one.port, 9866)
  const pair = await read(['nn1:8020', 'hdfs://nn2:8021/'])
  assert.deepEqual(Object.values(pair.nameservices!), [
    [
      { host: 'nn1', port: 8020 },
      { host: 'nn2', port: 8021 },
    ],
  ])
  const named = await read(
    ['hdfs://ns2'],
    ['dfs.nameservices=ns1,ns2', 'dfs.namenode.rpc-address.ns2=nn3:1', 'dfs.namenode.rpc-address.ns1=nn4:1'],
  )
  assert.deepEqual(Object.keys(named.nameservices!), ['ns2'])
  const dirs = readDataNodeConfiguration(
    { ...flags, namenode: ['nn:1'], dir: ['a,b'] },
    { env: {}, cwd: '/' },
  )
  await assert.rejects(dirs, /without a comma/)
})
