import assert from 'node:assert/strict'
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type DataNode, startDataNode } from '@cairn/datanode'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { startNameNode } from '@cairn/namenode'
import { patternBytes } from '@cairn/testkit'
import { sha256, until } from './test-support/fault-support.ts'
import { smallDisk } from './test-support/small-disk.ts'

const mebi = 1024 * 1024
const diskMebi = 16

/** A NameNode, a DataNode with a small disk, and others with room. */
interface Bench {
  readonly client: HdfsClient
  readonly small: DataNode
  /** Takes all the room of the small disk away, as another program would. Undefined where it is memory. */
  readonly fill: (() => Promise<() => Promise<void>>) | undefined
}

async function withSmallDisk(
  t: TestContext,
  others: number,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const disk = await smallDisk(diskMebi)
  if (disk === undefined)
    t.diagnostic('NO SMALL FILE SYSTEM COULD BE MOUNTED: blocks are kept in limited memory instead')
  const dir = await mkdtemp(join(tmpdir(), 'cairn-full-'))
  const namenode = await startNameNode({ heartbeatIntervalMs: 100, redundancyIntervalMs: 100 })
  const nodes: DataNode[] = []
  try {
    const room = disk === undefined ? { memoryBytes: diskMebi * mebi } : { dirs: [disk.path] }
    for (let index = 0; index <= others; index++) {
      const place = index === 0 ? room : { dirs: [join(dir, `datanode-${index}`)] }
      nodes.push(await startDataNode({ namenode: namenode.address, heartbeatIntervalMs: 100, ...place }))
    }
    await until('every DataNode', () => {
      const { datanodes } = namenode.status()
      return datanodes.filter(({ capacity }) => capacity > 0).length === nodes.length
    })
    const { host, port } = namenode.address
    const client = await connect(`hdfs://${host}:${port}`, {
      confDir: false,
      blockSize: 4 * mebi,
      replication: 1,
    })
    try {
      const fill = disk && (() => fillUp(join(disk.path, 'ballast')))
      await work({ client, small: nodes[0]!, fill })
    } finally {
      await client.close()
    }
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
    await namenode.close()
    await rm(dir, { recursive: true, force: true })
    await disk?.close()
  }
}

/** Writes until nothing more fits; the answer takes it away again. */
async function fillUp(path: string): Promise<() => Promise<void>> {
  for (let bytes = mebi; bytes >= 4096; bytes /= 2) {
    for (;;) {
      try {
        await writeFile(path, new Uint8Array(bytes), { flag: 'a' })
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
        break
      }
    }
  }
  return () => unlink(path)
}

/** What a writer must be told. */
function isNoSpace(error: unknown): true {
  const { code, message } = error as NodeJS.ErrnoException
  assert.equal(code, 'ENOSPC', message)
  assert.match(message, /no space left/)
  return true
}

test('a full disk: the writer is told so, reads go on, and room that is made can be used', (t) =>
  withSmallDisk(t, 0, async ({ client, small }) => {
    const kept = patternBytes(3 * mebi)
    await client.writeFile('/kept', kept)
    await assert.rejects(client.writeFile('/large', patternBytes(20 * mebi)), isNoSpace)
    assert.equal(sha256(await client.readFile('/kept')), sha256(kept))
    await assert.rejects(client.writeFile('/next', patternBytes(20 * mebi)), isNoSpace)
    assert.equal(sha256(await client.readFile('/kept')), sha256(kept))
    for (const path of ['/large', '/next']) await client.rm(path, { force: true })
    await until('room', () => small.status().remaining > 8 * mebi)
    await until('a write that succeeds', () =>
      client.writeFile('/again', kept).then(
        () => true,
        () => false,
      ),
    )
    assert.equal(sha256(await client.readFile('/again')), sha256(kept))
  }))

test('a disk that another program fills while a block is written', (t) =>
  withSmallDisk(t, 0, async ({ client, fill }) => {
    if (fill === undefined) {
      t.diagnostic('NOT TESTED: there is no small file system to fill')
      return
    }
    const kept = patternBytes(mebi)
    await client.writeFile('/kept', kept)
    const handle = await client.open('/half', 'w')
    await handle.write(patternBytes(mebi))
    await handle.hflush()
    const empty = await fill()
    await assert.rejects(async () => {
      await handle.write(patternBytes(2 * mebi))
      await handle.close()
    }, isNoSpace)
    assert.equal(sha256(await client.readFile('/kept')), sha256(kept))
    await empty()
    await until('a write that succeeds', () =>
      client.writeFile('/after', kept).then(
        () => true,
        () => false,
      ),
    )
    assert.equal(sha256(await client.readFile('/after')), sha256(kept))
    // What was flushed before the disk was full is not lost.
    await until('the file is closed', () => client.recoverLease('/half'))
    assert.deepEqual((await client.readFile('/half')).subarray(0, mebi), Buffer.from(patternBytes(mebi)))
  }))

test('with other DataNodes the write goes there', (t) =>
  withSmallDisk(t, 2, async ({ client, small, fill }) => {
    const content = patternBytes(10 * mebi)
    for (let index = 0; index < 3; index++) {
      await client.writeFile(`/file-${index}`, content, { replication: 2 })
    }
    const empty = await fill?.()
    const handle = await client.open('/over', 'w', { replication: 2 })
    await handle.write(content)
    await handle.close()
    for (const path of ['/file-0', '/file-1', '/file-2', '/over']) {
      assert.equal(sha256(await client.readFile(path)), sha256(content), path)
    }
    assert.ok(small.status().used > 0)
    await empty?.()
  }))

test('a disk that fills up under a pipeline with other DataNodes costs nothing but that replica', (t) =>
  withSmallDisk(t, 2, async ({ client, small, fill }) => {
    if (fill === undefined) {
      t.diagnostic('NOT TESTED: there is no small file system to fill')
      return
    }
    const content = patternBytes(3 * mebi)
    const handle = await client.open('/shared', 'w', { replication: 3 })
    await handle.write(content, 0, mebi)
    await handle.hflush()
    assert.ok(small.status().replicas.RBW > 0)
    const empty = await fill()
    await handle.write(content, mebi)
    await handle.close()
    assert.equal(sha256(await client.readFile('/shared')), sha256(content))
    await empty()
  }))
