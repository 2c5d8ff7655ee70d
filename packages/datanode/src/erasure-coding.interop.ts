/** Striped files of Java's client on our DataNodes, under Java's NameNode: degraded reads, reconstruction, checksums. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Hadoop, JavaPut, JavaShell, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'
import { until } from './testing/until.ts'

const missing = missingForHadoop()
const skip = missing === undefined ? false : missing
const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-ec-'))
/** How many of the six nodes are Java's. */
const javaNodes = Number(process.env.CAIRN_EC_JAVA_NODES ?? 0)
const blockSize = { 'dfs.blocksize': '4194304' }
let hadoop: Hadoop
let shell: JavaShell
let compositeShell: JavaShell
const nodes = new Map<number, DataNode>()

const files = { big: patternBytes(20_000_003), small: patternBytes(5_000) }
type FileName = keyof typeof files

/** `hdfs dfs -checksum` on a cluster of five Java DataNodes 3.4.3, both modes. */
const pinned: Record<string, readonly [md5: string, crc: string]> = {
  '/rs/big': ['0000020000000000000020004b808913126d9019341b5c8e07dd061d', 'd6dfae01'],
  '/rs/small': ['0000020000000000000000000c417d55df231252748e9299b63201dc', '1276f726'],
  '/xor/big': ['00000200000000000000200051e330839d34f4348305e83ad9251b8e', 'd6dfae01'],
  '/xor/small': ['0000020000000000000000000c417d55df231252748e9299b63201dc', '1276f726'],
}

function start(index: number): Promise<DataNode> {
  return startDataNode({
    namenode: { host: hadoop.host, port: hadoop.port },
    dirs: [join(root, `dn${index}`)],
    heartbeatIntervalMs: 500,
  })
}

before(async () => {
  if (skip) return
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(root, name), bytes)
  hadoop = await startHadoop({
    version,
    datanodes: javaNodes,
    conf: {
      ...blockSize,
      'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
      'dfs.namenode.redundancy.interval.seconds': '1',
      'dfs.heartbeat.interval': '1',
      'dfs.namenode.heartbeat.recheck-interval': '500',
    },
  })
  // One more than RS-3-2 needs: what is missing can be made somewhere.
  for (let index = 0; index < 6 - javaNodes; index++) nodes.set(index, await start(index))
  await Promise.all([...nodes.values()].map((node) => node.ready()))
  shell = new JavaShell({ url: hadoop.url, version, conf: blockSize })
  compositeShell = new JavaShell({
    url: hadoop.url,
    version,
    conf: { 'dfs.checksum.combine.mode': 'COMPOSITE_CRC' },
  })
})

after(async () => {
  await shell?.close()
  await compositeShell?.close()
  await Promise.all([...nodes.values()].map((node) => node.close()))
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

async function run(toolClass: string, ...args: string[]): Promise<string> {
  const result = await shell.run(toolClass, args)
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}

const fs = (...args: string[]) => run('org.apache.hadoop.fs.FsShell', ...args)
async function ec(...args: string[]): Promise<void> {
  const result = await hadoop.run('org.apache.hadoop.hdfs.tools.ECAdmin', args)
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`)
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function sameBytes(dir: string, name: FileName): Promise<void> {
  const copy = join(root, 'copy')
  rmSync(copy, { force: true })
  await fs('-get', `${dir}/${name}`, copy)
  assert.equal(sha(readFileSync(copy)), sha(files[name]), `${dir}/${name}`)
}

async function sameChecksums(dir: string, name: FileName): Promise<void> {
  const path = `${dir}/${name}`
  const [md5, crc] = pinned[path]!
  assert.equal((await fs('-checksum', path)).split('\t')[2]?.trim(), md5, path)
  const composite = await compositeShell.fs('-checksum', path)
  assert.equal(composite.stdout.split('\t')[2]?.trim(), crc, `${path}: ${composite.stderr}`)
}

async function allIsWell(): Promise<void> {
  for (const dir of ['/rs', '/xor']) {
    for (const name of ['big', 'small'] as const) {
      await sameBytes(dir, name)
      await sameChecksums(dir, name)
    }
  }
}

/** Block files of a node by name. */
function replicas(index: number): Map<string, string> {
  return replicasIn(join(root, `dn${index}`))
}

function replicasIn(dir: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.name.startsWith('blk_-') && path.includes('finalized')) found.set(entry.name, path)
  }
  return found
}

/** Bytes of each internal block that a node is being sent. */
function unitsBeingWritten(dir: string): number[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter(({ name, parentPath }) => /^blk_-\d+$/.test(name) && parentPath.endsWith('/rbw'))
    .map(({ name, parentPath }) => statSync(join(parentPath, name)).size)
}

const unitsOf = (found: ReadonlyMap<string, string>) => [...found.keys()].filter((n) => !n.endsWith('.meta'))

test('[ec.id.1] Java writes striped files to ours, and reads them', { skip, timeout: 200_000 }, async () => {
  for (const [policy, dir] of [
    ['RS-3-2-1024k', '/rs'],
    ['XOR-2-1-1024k', '/xor'],
  ] as const) {
    await ec('-enablePolicy', '-policy', policy)
    await fs('-mkdir', dir)
    await ec('-setPolicy', '-path', dir, '-policy', policy)
    for (const name of Object.keys(files)) await fs('-put', join(root, name), `${dir}/${name}`)
  }
  await allIsWell()
})

test('[ec.recover.1] a group whose writer died is recovered to its last whole stripe', {
  skip,
  timeout: 200_000,
}, async () => {
  // Three stripes and some; what is left of the last packets stays with the writer.
  const bytes = patternBytes(10_000_000, 3)
  const stripe = 3 << 20
  const put = new JavaPut({ url: hadoop.url, version, path: '/rs/orphan', conf: blockSize })
  await put.write(bytes)
  await until('every unit of two stripes is written', 90_000, () => {
    const lengths = [...nodes.keys()].flatMap((index) => unitsBeingWritten(join(root, `dn${index}`)))
    return javaNodes > 0 || lengths.filter((length) => length >= 2 << 20).length === 5
  })
  await put.kill()
  const path = '/rs/orphan._COPYING_'
  await hadoop.run('org.apache.hadoop.hdfs.tools.DebugAdmin', [
    'recoverLease',
    '-path',
    path,
    '-retries',
    '20',
  ])
  await until('the file is closed', 90_000, async () => {
    const { stdout } = await hadoop.fsck('/rs', '-openforwrite')
    return !stdout.includes('OPENFORWRITE')
  })
  const copy = join(root, 'recovered')
  await fs('-get', path, copy)
  const recovered = readFileSync(copy)
  assert.equal(recovered.length % stripe, 0)
  assert.ok(recovered.length >= 2 * stripe)
  assert.ok(recovered.equals(bytes.subarray(0, recovered.length)))
})

test('[ec.write.1] [ec.sum.3] what a lost node had is read and checksummed without it, and made again byte for byte', {
  skip,
  timeout: 240_000,
}, async () => {
  const counts = [...nodes.keys()].map((index) => [unitsOf(replicas(index)).length, index] as const)
  const [, lost] = counts.sort((a, b) => b[0] - a[0])[0]!
  const wanted = replicas(lost)
  assert.ok(wanted.size > 0)
  await nodes.get(lost)!.close()
  nodes.delete(lost)
  await allIsWell()
  const there = () => {
    const java = Array.from({ length: javaNodes }, (_, index) => replicasIn(hadoop.datanodeDir(index)))
    return new Map([...[...nodes.keys()].map(replicas), ...java].flatMap((found) => [...found]))
  }
  await until('every unit of the lost node is elsewhere', 120_000, () => {
    const found = there()
    return unitsOf(wanted).every((name) => found.has(name))
  })
  const found = there()
  for (const [name, path] of wanted) {
    assert.ok(readFileSync(found.get(name)!).equals(readFileSync(path)), name)
  }
  await until('fsck finds nothing to do', 60_000, async () => {
    const { stdout } = await hadoop.fsck('/', '-files', '-blocks')
    return /is HEALTHY/.test(stdout) && /Under-erasure-coded block groups:\s+0 /.test(stdout)
  })
  await allIsWell()
})

test('[ec.zeros.1] Java reads with as many nodes gone as the code allows', {
  skip,
  timeout: 200_000,
}, async () => {
  for (const index of [...nodes.keys()].slice(0, 2)) {
    await nodes.get(index)!.close()
    nodes.delete(index)
  }
  for (const name of ['big', 'small'] as const) {
    await sameBytes('/rs', name)
    await sameChecksums('/rs', name)
  }
})
