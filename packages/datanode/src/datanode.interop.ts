/** Our DataNodes as citizens of a real Apache Hadoop cluster: Java's NameNode, a Java DataNode, Java's shell. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Hadoop, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'

const missing = missingForHadoop()
const skip = missing === undefined ? false : missing
const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-interop-'))
const big = join(root, 'big')
let hadoop: Hadoop
const nodes: DataNode[] = []

function start(index: number): Promise<DataNode> {
  return startDataNode({
    namenode: { host: hadoop.host, port: hadoop.port },
    dirs: [join(root, `dn${index}`)],
    heartbeatIntervalMs: 500,
  })
}

before(async () => {
  if (skip) return
  writeFileSync(big, patternBytes(9_000_001))
  hadoop = await startHadoop({
    version,
    datanodes: 1,
    conf: {
      'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
      'dfs.namenode.redundancy.interval.seconds': '1',
      'dfs.blocksize': '4194304',
    },
  })
  for (const index of [0, 1]) nodes.push(await start(index))
  await Promise.all(nodes.map((node) => node.ready()))
})

after(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

async function fs(...args: string[]): Promise<string> {
  const result = await hadoop.fs(...args)
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}

async function digestOf(path: string): Promise<string> {
  const copy = join(root, 'copy')
  rmSync(copy, { force: true })
  await fs('-get', path, copy)
  return createHash('sha256').update(readFileSync(copy)).digest('hex')
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function healthy(path: string): Promise<string> {
  const { stdout } = await hadoop.fsck(path, '-files', '-blocks', '-locations')
  assert.match(stdout, /is HEALTHY/)
  return stdout
}

test('Java writes through two of ours and one of its own, appends, and truncates', { skip }, async () => {
  await fs('-D', 'dfs.replication=3', '-put', big, '/three')
  assert.equal(await digestOf('/three'), sha(patternBytes(9_000_001)))
  await fs('-appendToFile', big, '/three')
  const whole = Buffer.concat([patternBytes(9_000_001), patternBytes(9_000_001)])
  assert.equal(await digestOf('/three'), sha(whole))
  await fs('-truncate', '-w', '5000001', '/three')
  assert.equal(await digestOf('/three'), sha(whole.subarray(0, 5_000_001)))
  assert.match(await healthy('/three'), /(?:Live_)?repl=3/)
})

test('replicas are copied to and from ours, and deleted', { skip }, async () => {
  await fs('-D', 'dfs.replication=1', '-put', big, '/one')
  await fs('-setrep', '-w', '3', '/one')
  assert.match(await healthy('/one'), /(?:Live_)?repl=3/)
  await fs('-setrep', '1', '/one')
  for (let tries = 0; tries < 60; tries++) {
    if (!/(?:Live_)?repl=[23]/.test((await hadoop.fsck('/one', '-files', '-blocks')).stdout)) break
    await setTimeout(500)
  }
  assert.match(await healthy('/one'), /(?:Live_)?repl=1/)
  assert.equal(await digestOf('/one'), sha(patternBytes(9_000_001)))
})

test('checksums of a file equal those that a Java DataNode computes', { skip }, async () => {
  await fs('-D', 'dfs.replication=3', '-put', big, '/sum')
  const first = await fs('-checksum', '/sum')
  await Promise.all(nodes.map((node) => node.close()))
  const java = await fs('-checksum', '/sum')
  assert.equal(first, java)
  nodes.length = 0
  for (const index of [0, 1]) nodes.push(await start(index))
  await Promise.all(nodes.map((node) => node.ready()))
  await hadoop.killDatanode(0)
  assert.equal(await fs('-checksum', '/sum'), java)
  assert.equal(await digestOf('/sum'), sha(patternBytes(9_000_001)))
  await hadoop.restartDatanode(0)
})

test('administrators reach ours with dfsadmin', { skip }, async () => {
  const { host, port } = nodes[0]!.ipcAddress
  const info = await hadoop.admin('-getDatanodeInfo', `${host}:${port}`)
  assert.match(info.stdout, /Uptime/)
  const triggered = await hadoop.admin('-triggerBlockReport', `${host}:${port}`)
  assert.equal(triggered.code, 0, triggered.stderr)
  const report = await hadoop.admin('-report')
  assert.match(report.stdout, /Live datanodes \(3\)/)
})
