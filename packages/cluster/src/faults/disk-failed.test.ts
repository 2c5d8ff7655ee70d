import assert from 'node:assert/strict'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DataNode, startDataNode } from '@cairn/datanode'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { type NameNode, startNameNode } from '@cairn/namenode'
import { patternBytes } from '@cairn/testkit'
import { sha256, until } from './test-support/fault-support.ts'
import { smallDisk } from './test-support/small-disk.ts'

const mebi = 1024 * 1024
const blockBytes = mebi

/** A disk that can be made to fail in one way. */
interface FailingDisk {
  readonly path: string
  /** Undefined where this machine does not allow it. */
  readonly readOnly: (() => void) | undefined
  gone(): Promise<void>
  close(): Promise<void>
}

/** A file system of its own where that is allowed, else a directory that can only go as a whole. */
async function failingDisk(t: TestContext): Promise<FailingDisk> {
  const disk = await smallDisk(64)
  if (disk) {
    return {
      path: disk.path,
      readOnly: () => disk.makeReadOnly(),
      gone: async () => disk.unmount(),
      close: () => disk.close(),
    }
  }
  t.diagnostic('NO FILE SYSTEM COULD BE MOUNTED: the directory is moved away instead')
  const path = await mkdtemp(join(tmpdir(), 'cairn-disk-'))
  return {
    path,
    readOnly: undefined,
    gone: () => rename(path, `${path}-gone`),
    close: () => rm(`${path}-gone`, { recursive: true, force: true }),
  }
}

/** A node with two disks of which one will fail, and two others. */
interface Bench {
  readonly client: HdfsClient
  readonly namenode: NameNode
  readonly node: DataNode
  readonly disk: FailingDisk
  /** Starts the first node again. */
  restart(): Promise<DataNode>
}

async function withFailingDisk(
  t: TestContext,
  failedVolumesTolerated: number,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const disk = await failingDisk(t)
  const dir = await mkdtemp(join(tmpdir(), 'cairn-failed-'))
  const namenode = await startNameNode({ heartbeatIntervalMs: 100, redundancyIntervalMs: 100 })
  const nodes: DataNode[] = []
  try {
    const common = { namenode: namenode.address, heartbeatIntervalMs: 100, diskCheckMinGapMs: 0 }
    const dirs = [join(dir, 'good'), disk.path]
    const first = { ...common, dirs, failedVolumesTolerated }
    const restart = async (): Promise<DataNode> => {
      const node = await startDataNode(first)
      nodes.push(node)
      await node.ready()
      return node
    }
    await restart()
    for (const index of [1, 2])
      nodes.push(await startDataNode({ ...common, dirs: [join(dir, `other-${index}`)] }))
    await Promise.all(nodes.map((node) => node.ready()))
    const { host, port } = namenode.address
    const client = await connect(`hdfs://${host}:${port}`, {
      confDir: false,
      blockSize: blockBytes,
      replication: 2,
    })
    try {
      await work({ client, namenode, node: nodes[0]!, disk, restart })
    } finally {
      await client.close()
    }
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
    await namenode.close()
    await rm(dir, { recursive: true, force: true })
    await disk.close()
  }
}

const paths = Array.from({ length: 6 }, (_, index) => `/file-${index}`)
const contentOf = (path: string): Uint8Array => patternBytes(2 * blockBytes + 777, Number(path.slice(6)))

async function writeAll(client: HdfsClient): Promise<void> {
  await Promise.all(paths.map((path) => client.writeFile(path, contentOf(path))))
}

/** Every byte is there, and every block twice again. */
async function wholeAgain({ client, namenode }: Bench): Promise<void> {
  for (const path of paths) {
    assert.equal(sha256(await client.readFile(path)), sha256(contentOf(path)), path)
    await until(`two replicas of every block of ${path}`, async () => {
      const blocks = await client.blockLocations(path)
      return blocks.every((block) => block.hosts.length === 2)
    })
  }
  assert.equal(namenode.status().missingBlocks, 0)
}

test('a disk that turns read-only is found out by a write, which succeeds elsewhere', (t) =>
  withFailingDisk(t, 1, async (bench) => {
    const { client, node, disk } = bench
    await writeAll(client)
    if (!disk.readOnly) return
    disk.readOnly()
    for (let round = 0; node.status().failedVolumes.length === 0; round++) {
      const path = `/later-${round}`
      await client.writeFile(path, contentOf(paths[0]!))
      assert.equal(sha256(await client.readFile(path)), sha256(contentOf(paths[0]!)))
    }
    const [failure] = node.status().failedVolumes
    assert.equal(failure!.path, disk.path)
    assert.match(failure!.reason, /read-only file system/)
    assert.equal(node.status().volumes.length, 1)
    await wholeAgain(bench)
    await writeAll(client)
    await node.close()
    const again = await bench.restart()
    assert.deepEqual(
      again.status().failedVolumes.map(({ path }) => path),
      [disk.path],
    )
    await wholeAgain(bench)
  }))

test('a disk that is gone while blocks are written to it and read from it', (t) =>
  withFailingDisk(t, 1, async (bench) => {
    const { client, node, disk } = bench
    await writeAll(client)
    const open = await client.open('/open', 'w')
    await open.write(patternBytes(300_000))
    await open.sync()
    await disk.gone()
    await open.write(patternBytes(2 * blockBytes, 300_000))
    await open.close()
    const written = await client.readFile('/open')
    assert.equal(sha256(written), sha256(patternBytes(300_000 + 2 * blockBytes)))
    await until('the disk to be dropped', () => node.status().failedVolumes.length === 1)
    await wholeAgain(bench)
  }))

test('a disk too many ends the node, and the others have its blocks made again', (t) =>
  withFailingDisk(t, 0, async (bench) => {
    const { client, node, disk } = bench
    await writeAll(client)
    await disk.gone()
    await node.stopped
    for (const path of paths) assert.equal(sha256(await client.readFile(path)), sha256(contentOf(path)), path)
  }))
