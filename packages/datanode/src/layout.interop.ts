/** One directory in turn for Java's DataNode and for ours; and what damage on a disk comes to while nobody looks. */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { missingForHadoop, patternBytes } from '@cairn/testkit'
import { blockFiles, MixedCluster, sha256 } from './testing/mixed-cluster.ts'
import { OurDataNode } from './testing/our-datanode.ts'
import { until } from './testing/until.ts'
import { readFrom } from './testing/write-in-order.ts'

const skip = missingForHadoop() ?? false
const waitMs = 60_000
let cluster: MixedCluster
let file: string

/** What every file must hold by now. */
const files = new Map<string, Uint8Array>()

async function put(path: string, content: Uint8Array, ...options: string[]): Promise<void> {
  writeFileSync(file, content)
  await cluster.fs(...options, '-put', '-f', file, path)
  files.set(path, content)
}

async function append(path: string, content: Uint8Array): Promise<void> {
  writeFileSync(file, content)
  await cluster.fs('-appendToFile', file, path)
  files.set(path, Buffer.concat([files.get(path)!, content]))
}

async function truncate(path: string, length: number): Promise<void> {
  await cluster.truncate(path, length)
  files.set(path, files.get(path)!.subarray(0, length))
}

async function remove(path: string): Promise<void> {
  await cluster.fs('-rm', '-skipTrash', path)
  files.delete(path)
}

/** The NameNode misses nothing, and Java's client reads what was written. */
async function whole(): Promise<void> {
  await cluster.healthy('/', 1)
  for (const [path, content] of files) {
    assert.equal(await cluster.javaDigest(path), sha256(content), path)
    assert.equal(await cluster.ourDigest(path), sha256(content), path)
  }
}

/** As VERSION says. */
function identityOf(dir: string): string {
  const lines = readFileSync(join(dir, 'current/VERSION'), 'latin1').split('\n')
  return lines
    .filter((line) => !line.startsWith('#'))
    .sort()
    .join('\n')
}

function ours(dir: string, name: string): Promise<OurDataNode> {
  const { host, port } = cluster.hadoop
  const options = { namenode: { host, port }, dirs: [dir], heartbeatIntervalMs: 500, user: 'root' }
  return OurDataNode.start(options, join(cluster.root, `${name}.log`))
}

/** The NameNode has heard from another holder of the directory, and only from it. */
async function untilServedBy(what: string, isIt: (address: string) => boolean): Promise<void> {
  await until(`the NameNode to know ${what}`, waitMs, async () => {
    const nodes = await cluster.liveNodes().catch(() => [])
    return nodes.length === 1 && isIt(nodes[0]!.xferaddr)
  })
}

describe('a storage directory', { skip }, () => {
  before(async () => {
    cluster = await MixedCluster.start({ ours: 0, theirs: 1, conf: { 'dfs.replication': '1' } })
    file = join(cluster.root, 'content')
  })
  after(() => cluster?.close())

  test('filled by a Java DataNode is served and changed by ours, and then by Java again', async () => {
    const dir = cluster.hadoop.datanodeDir(0)
    await put('/whole', patternBytes(5_000_001))
    await put('/append', patternBytes(1_500_000, 1))
    await put('/truncate', patternBytes(2_500_000, 2))
    await put('/gone', patternBytes(3_000_000, 3))
    await put(
      '/crc32',
      patternBytes(700_000, 4),
      '-D',
      'dfs.checksum.type=CRC32',
      '-D',
      'dfs.bytes-per-checksum=4096',
    )
    const java = (await cluster.liveNodes())[0]!.xferaddr
    const identity = identityOf(dir)

    await cluster.hadoop.datanodeProcesses[0]!.stop()
    const first = await ours(dir, 'first')
    await untilServedBy('ours', (address) => address === first.address)
    assert.equal(identityOf(dir), identity, 'VERSION stays as Java wrote it')
    await whole()
    await append('/append', patternBytes(1_234_567, 5))
    await append('/crc32', patternBytes(1_000, 6))
    await truncate('/truncate', 1_100_003)
    const doomed = blockFiles([dir]).size
    await remove('/gone')
    await put('/new', patternBytes(2_000_003, 7))
    await until('the blocks of a deleted file to go', waitMs, () => blockFiles([dir]).size <= doomed)
    await whole()
    await first.stop()

    await cluster.hadoop.restartDatanode(0)
    await untilServedBy("Java's", (address) => address === java)
    await whole()
    await append('/new', patternBytes(600_000, 8))
    await truncate('/whole', 4_000_002)
    await whole()

    // Neither says goodbye now.
    await cluster.hadoop.killDatanode(0)
    const second = await ours(dir, 'second')
    await untilServedBy('ours again', (address) => address === second.address)
    await whole()
    await append('/whole', patternBytes(300_000, 9))
    await put('/newer', patternBytes(1_000_001, 10))
    await second.kill9()
    await cluster.hadoop.restartDatanode(0)
    await untilServedBy("Java's again", (address) => address === java)
    assert.equal(identityOf(dir), identity)
    await whole()
  })

  test('damaged while its DataNode was away: every replica that is not good is found out and replaced', async () => {
    const dir = join(cluster.root, 'damaged')
    let node = await ours(dir, 'damaged')
    await cluster.untilLive(2)
    const damages: Readonly<Record<string, (data: string, meta: string) => void>> = {
      'no-meta': (_, meta) => unlinkSync(meta),
      'empty-meta': (_, meta) => truncateSync(meta, 0),
      'short-meta': (_, meta) => truncateSync(meta, 1000),
      'other-meta': (_, meta) => {
        const bytes = readFileSync(meta)
        bytes.set(patternBytes(bytes.length - 7, 99), 7)
        writeFileSync(meta, bytes)
      },
      'no-data': (data) => unlinkSync(data),
      'short-data': (data) => truncateSync(data, 400_000),
      'long-data': (data) => appendFileSync(data, patternBytes(5_000)),
    }
    const content = (name: string): Uint8Array => patternBytes(800_001, name.length)
    const names = Object.keys(damages)
    await cluster.fs('-mkdir', '/damaged')
    for (const name of names) await put(`/damaged/${name}`, content(name), '-D', 'dfs.replication=2')
    await cluster.healthy('/damaged', 2)
    await node.stop()
    const blocks = blockFiles([dir])
    const locations = await cluster.fsck('/damaged')
    for (const name of names) {
      const block = new RegExp(`/damaged/${name} [^]*?(blk_\\d+)_`).exec(locations)![1]!
      const [data, meta] = filesOf(blocks, block)
      assert.ok(data && meta, name)
      damages[name]!(data, meta)
    }
    // A node that holds a bad replica gets no good one: there must be another.
    const spare = await ours(join(cluster.root, 'spare'), 'spare')
    node = await ours(dir, 'damaged-2')
    await cluster.untilLive(3)
    // To a NameNode of Hadoop 2 the first report after a registration only adds: what is missing it takes from the next.
    if (cluster.hadoop.version.startsWith('2.'))
      await cluster.admin('-triggerBlockReport', `127.0.0.1:${node.ipcPort}`)
    for (const name of names) {
      await until(`two good replicas of ${name}`, waitMs, async () => {
        const addresses = await addressesOf(`/damaged/${name}`)
        for (const address of addresses) {
          const read = await readFrom(cluster.client, `/damaged/${name}`, address).catch(() => undefined)
          if (read === undefined || sha256(read) !== sha256(content(name))) return false
        }
        return addresses.length === 2
      })
    }
    await cluster.healthy('/damaged', 2)
    for (const name of names) await cluster.assertContent(`/damaged/${name}`, content(name))
    await Promise.all([node.stop(), spare.stop()])
  })
})

/** Where the NameNode says that a file of one block is. */
async function addressesOf(path: string): Promise<string[]> {
  const [block] = await cluster.client.blockLocations(path)
  return block!.locatedBlock.locs.map(({ id }) => `${id.ipAddr}:${id.xferPort}`)
}

/** Paths of a block's two files. */
function filesOf(
  blocks: ReadonlyMap<string, string>,
  block: string,
): [string | undefined, string | undefined] {
  const meta = [...blocks.keys()].find((name) => name.startsWith(`${block}_`) && name.endsWith('.meta'))
  return [blocks.get(block), meta === undefined ? undefined : blocks.get(meta)]
}
