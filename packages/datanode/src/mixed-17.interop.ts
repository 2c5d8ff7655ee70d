/**
 * Hadoop 1.2.1 with two DataNodes, one of them ours: its client's pipelines go through both in either order, its NameNode has
 * each copy from the other, and moves are asked for as its balancer does. All of it is data transfer version 17.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import type { DatanodeInfoProto, ExtendedBlockProto } from '@cairn/hadoop-proto'
import { blockChecksum, DatanodeConnections, datanodeAddress, openBlockReader } from '@cairn/hdfs-block-io'
import { dataTransfer17 } from '@cairn/hdfs-protocol'
import { type Hadoop, JavaShell, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { type DataNode, startDataNode } from './index.ts'
import { emptyToken } from './security/empty-token.ts'
import { until } from './testing/until.ts'

const version = '1.2.1'
const missing = missingForHadoop()
const root = mkdtempSync(join(tmpdir(), 'cairn-mixed-17-'))
const token = emptyToken()
const waitMs = 90_000

/** Where the files of each block lie below a DataNode's folder, by the block's name. */
function blocksIn(folder: string): Map<string, { data: string; meta: string }> {
  const found = new Map<string, { data: string; meta: string }>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const [, id] = /^blk_(-?\d+)_\d+\.meta$/.exec(entry.name) ?? []
    if (id === undefined || !entry.parentPath.includes('/current')) continue
    found.set(entry.name.slice(0, -'.meta'.length), {
      data: join(entry.parentPath, `blk_${id}`),
      meta: join(entry.parentPath, entry.name),
    })
  }
  return found
}

/** `blk_7_1001` as a client of Hadoop 1 names it. */
function blockOf(name: string): ExtendedBlockProto {
  const [, id = '', stamp = ''] = /^blk_(-?\d+)_(\d+)$/.exec(name) ?? []
  return { poolId: '', blockId: BigInt(id), generationStamp: BigInt(stamp) }
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('Hadoop 1.2.1 with a DataNode of its own and one of ours', { skip: missing ?? false }, () => {
  const connections = new DatanodeConnections()
  let hadoop: Hadoop
  let shell: JavaShell
  let node: DataNode
  let ourFolder: string
  let javaFolder: string

  before(async () => {
    const conf = { 'dfs.block.size': '1048576', 'dfs.replication': '2', 'dfs.replication.interval': '1' }
    hadoop = await startHadoop({ version, datanodes: 1, conf })
    javaFolder = hadoop.datanodeDir(0)
    ourFolder = join(root, 'disk')
    node = await startDataNode({
      namenode: { host: hadoop.host, port: hadoop.port },
      dirs: [ourFolder],
      heartbeatIntervalMs: 500,
      rpcVersions: [9, 8, 7, 4],
    })
    await node.ready()
    shell = new JavaShell({ url: hadoop.url, version, conf })
  })

  after(async () => {
    await connections.close()
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

  async function put(path: string, bytes: Uint8Array, replication: number): Promise<void> {
    const local = join(root, 'local')
    writeFileSync(local, bytes)
    await fs('-D', `dfs.replication=${replication}`, '-put', local, path)
  }

  async function digestOf(path: string): Promise<string> {
    const copy = join(root, 'copy')
    rmSync(copy, { force: true })
    await fs('-get', path, copy)
    return sha(readFileSync(copy))
  }

  /** Waits until both have `count` blocks, and compares their files. */
  async function bothHave(count: number): Promise<void> {
    await until(`${count} blocks on both`, waitMs, () => {
      const [ours, theirs] = [blocksIn(ourFolder), blocksIn(javaFolder)]
      return ours.size === count && theirs.size === count
    })
    const theirs = blocksIn(javaFolder)
    for (const [name, files] of blocksIn(ourFolder)) {
      const other = theirs.get(name)
      assert.ok(other, name)
      assert.deepEqual(readFileSync(files.data), readFileSync(other.data), name)
      assert.deepEqual(readFileSync(files.meta), readFileSync(other.meta), name)
    }
  }

  function infos(): { ours: DatanodeInfoProto; java: DatanodeInfoProto } {
    const info = (datanodeUuid: string, port: number): DatanodeInfoProto => ({
      id: {
        ipAddr: '127.0.0.1',
        hostName: 'localhost',
        datanodeUuid,
        xferPort: port,
        infoPort: 1,
        ipcPort: 2,
      },
    })
    const [, storageId = ''] =
      /^storageID=(.*)$/m.exec(readFileSync(join(javaFolder, 'current', 'VERSION'), 'utf8')) ?? []
    const port = Number(/127\.0\.0\.1-(\d+)-/.exec(storageId)?.[1])
    return { ours: info(node.uuid, node.address.port), java: info(storageId, port) }
  }

  test('pipelines in both orders leave the same two replicas', async () => {
    const bytes = patternBytes(1_500_001)
    for (let file = 0; file < 6; file++) await put(`/p${file}`, bytes, 2)
    await bothHave(12)
    assert.equal(await digestOf('/p3'), sha(bytes))
  })

  test('both give the same bytes and checksums to a client of ours', async () => {
    const { ours, java } = infos()
    for (const [name, files] of [...blocksIn(ourFolder)].slice(0, 3)) {
      const block = blockOf(name)
      const bytes = readFileSync(files.data)
      const sums = []
      for (const info of [ours, java]) {
        const datanode = datanodeAddress(info)
        const common = { connections, block, token, datanode, dataTransfer: dataTransfer17 }
        for (const [offset, length] of [
          [0, bytes.length],
          [1000, 2000],
          [512, 512],
        ] as const) {
          const reader = await openBlockReader({ ...common, offset, length, clientName: 'mixed' })
          const into = new Uint8Array(length)
          assert.equal(await reader.read(into), length)
          await reader.close()
          assert.deepEqual(Buffer.from(into), bytes.subarray(offset, offset + length))
        }
        sums.push(await blockChecksum(common))
      }
      assert.deepEqual(sums[0], sums[1])
    }
  })

  test('each gets copies from the other', async () => {
    const bytes = patternBytes(700_000)
    for (let file = 0; file < 8; file++) await put(`/r${file}`, bytes, 1)
    const counts = [blocksIn(ourFolder).size - 12, blocksIn(javaFolder).size - 12]
    assert.equal(counts[0]! + counts[1]!, 8, String(counts))
    for (let file = 0; file < 8; file++) await fs('-setrep', '2', `/r${file}`)
    await bothHave(20)
    assert.equal(await digestOf('/r5'), sha(bytes))
  })

  /** Asks `to` to fetch the block from `from`, whose replica may then go; as the balancer does. */
  async function move(name: string, from: DatanodeInfoProto, to: DatanodeInfoProto): Promise<Buffer> {
    const connection = await connectTcp({ host: '127.0.0.1', port: to.id.xferPort })
    const input = new ReceiveBuffer({ maxBytes: 1 << 16 })
    connection.start({ input, onReceive: () => {}, onClose: () => {} })
    const request = { header: { block: blockOf(name), token }, delHint: from.id.datanodeUuid, source: from }
    connection.write(dataTransfer17.encodeOperation('REPLACE_BLOCK', request))
    await connection.done
    return Buffer.from(input.view())
  }

  // A NameNode of Hadoop 1 forgets a deleted replica at the next full report only, so no block is moved twice.
  test('a move goes either way, and the replica that may go does', async () => {
    const { ours, java } = infos()
    const before = new Set([...blocksIn(ourFolder).keys(), ...blocksIn(javaFolder).keys()])
    const fresh = (folder: string) => [...blocksIn(folder).keys()].filter((name) => !before.has(name))
    const bytes = patternBytes(300_000)
    let count = 0
    while (count < 20 && (fresh(ourFolder).length === 0 || fresh(javaFolder).length === 0)) {
      await put(`/m${count++}`, bytes, 1)
    }
    const toJava = fresh(ourFolder)[0]!
    const toOurs = fresh(javaFolder)[0]!
    assert.deepEqual(await move(toJava, ours, java), Buffer.from([0, 0]))
    assert.deepEqual(await move(toOurs, java, ours), Buffer.from([0, 0]))
    await until('the old replicas to go', waitMs, () => {
      const [here, there] = [fresh(ourFolder), fresh(javaFolder)]
      const gone = !here.includes(toJava) && !there.includes(toOurs)
      return gone && here.includes(toOurs) && there.includes(toJava)
    })
    for (let file = 0; file < count; file++) assert.equal(await digestOf(`/m${file}`), sha(bytes))
  })
})
