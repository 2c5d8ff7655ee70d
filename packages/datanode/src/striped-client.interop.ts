/** Striped files of Java's client, under Java's NameNode, read by our client: whole, with units lost or damaged, summed up. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { type Hadoop, JavaShell, missingForHadoop, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'

const missing = missingForHadoop()
const skip = missing ?? false
const version = process.env.HADOOP_VERSION ?? '3.4.3'
const conf = { 'dfs.blocksize': '4194304' }
const mebi = 1 << 20
/** Groups of 12 MiB: one whole, and one that ends in the third stripe's second cell. */
const big = patternBytes(12 * mebi + 7 * mebi + 12_345)
const files = { big, small: patternBytes(5_000, 1), empty: new Uint8Array() }
const root = mkdtempSync(join(tmpdir(), 'cairn-striped-'))
const nodes: DataNode[] = []
let hadoop: Hadoop
let shell: JavaShell
let client: HdfsClient

function start(index: number): Promise<DataNode> {
  const namenode = { host: hadoop.host, port: hadoop.port }
  return startDataNode({ namenode, dirs: [join(root, `dn${index}`)], heartbeatIntervalMs: 500 })
}

before(async () => {
  if (skip) return
  const tolerant = { 'dfs.namenode.datanode.registration.ip-hostname-check': 'false' }
  hadoop = await startHadoop({ version, datanodes: 0, conf: { ...conf, ...tolerant } })
  const namenode = { host: hadoop.host, port: hadoop.port }
  for (let index = 0; index < 5; index++) {
    nodes.push(await startDataNode({ namenode, dirs: [join(root, `dn${index}`)], heartbeatIntervalMs: 500 }))
  }
  await Promise.all(nodes.map((node) => node.ready()))
  shell = new JavaShell({ url: hadoop.url, version, conf })
  client = await connect(hadoop.url, { user: 'root', dataTimeoutMs: 10_000 })
  for (const [policy, dir] of [
    ['RS-3-2-1024k', '/rs'],
    ['XOR-2-1-1024k', '/xor'],
  ] as const) {
    await client.mkdir(dir)
    for (const args of [
      ['-enablePolicy', '-policy', policy],
      ['-setPolicy', '-path', dir, '-policy', policy],
    ]) {
      const { code, stderr } = await hadoop.run('org.apache.hadoop.hdfs.tools.ECAdmin', args)
      assert.equal(code, 0, stderr)
    }
    for (const [name, bytes] of Object.entries(files)) {
      const local = join(root, name)
      writeFileSync(local, bytes)
      const { code, stderr } = await shell.fs('-put', local, `${dir}/${name}`)
      assert.equal(code, 0, stderr)
    }
  }
})

after(async () => {
  await client?.close()
  await shell?.close()
  await Promise.all(nodes.map((node) => node.close()))
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

async function sameBytes(dir: string): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    assert.ok((await client.readFile(`${dir}/${name}`)).equals(bytes), `${dir}/${name}`)
  }
}

/** Positional reads around every kind of border, several at once. */
async function samePieces(path: string): Promise<void> {
  const handle = await client.open(path)
  const places = [
    0,
    1,
    mebi - 1,
    3 * mebi - 10,
    5 * mebi + 77,
    12 * mebi - 3,
    12 * mebi + mebi,
    big.length - 9,
  ]
  try {
    await Promise.all(
      places.map(async (position) => {
        for (const length of [9, 4096, 2 * mebi + 5]) {
          const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, position)
          const wanted = big.subarray(position, position + length)
          assert.equal(bytesRead, wanted.length, `${length} at ${position}`)
          assert.ok(wanted.every((byte, index) => byte === buffer[index]))
        }
      }),
    )
  } finally {
    await handle.close()
  }
}

test('striped files are read whole and in pieces', { skip }, async () => {
  assert.equal((await client.stat('/rs/big')).erasureCodingPolicy, 'RS-3-2-1024k')
  for (const dir of ['/rs', '/xor']) {
    await sameBytes(dir)
    await samePieces(`${dir}/big`)
  }
})

test('their checksums are those that Java prints', { skip }, async () => {
  for (const path of ['/rs/big', '/rs/small', '/rs/empty', '/xor/big']) {
    const { stdout } = await shell.fs('-checksum', path)
    const [, algorithm, hex] = stdout.trim().split('\t')
    const ours = await client.checksum(path)
    assert.deepEqual([ours.algorithm, ours.hex], [algorithm, hex], path)
    const composite = await client.checksum(path, { type: 'COMPOSITE_CRC' })
    const copy = `/plain-${path.replaceAll('/', '-')}`
    await client.writeFile(copy, await client.readFile(path))
    if (path !== '/rs/empty')
      assert.equal(composite.hex, (await client.checksum(copy, { type: 'COMPOSITE_CRC' })).hex)
  }
})

test('appending is refused, and new files beside them are plain replicas', { skip }, async () => {
  await assert.rejects(client.appendFile('/rs/small', 'x'), { code: 'ENOTSUP' })
  await client.writeFile('/rs/ours', 'plain')
  assert.equal(await client.readFile('/rs/ours', 'utf8'), 'plain')
  assert.equal((await shell.fs('-cat', '/rs/ours')).stdout, 'plain')
})

test('as many DataNodes as there are parity units may be gone, from the start or in the middle', {
  skip,
}, async () => {
  const handle = await client.open('/rs/big')
  const head = await handle.read(new Uint8Array(mebi + 5), 0, mebi + 5, null)
  assert.equal(head.bytesRead, mebi + 5)
  await nodes[1]!.close()
  await nodes[2]!.close()
  const rest = Buffer.alloc(big.length - mebi - 5)
  for (let at = 0; at < rest.length; ) {
    const { bytesRead } = await handle.read(rest, at, rest.length - at, null)
    assert.ok(bytesRead > 0)
    at += bytesRead
  }
  await handle.close()
  assert.ok(rest.equals(big.subarray(mebi + 5)))
  await sameBytes('/rs')
  await samePieces('/rs/big')
  await nodes[3]!.close()
  await assert.rejects(client.readFile('/rs/big'), {
    code: 'EIO',
    message: /too few units could be read at \d+: 3 of 5 are needed/,
  })
  for (const index of [1, 2, 3]) nodes[index] = await start(index)
  await Promise.all(nodes.map((node) => node.ready()))
})

test('a damaged unit is decoded from the others, and the NameNode hears of it', { skip }, async () => {
  const dir = join(root, 'dn0')
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  const blocks = entries.filter(
    ({ name, parentPath }) => /^blk_-\d+$/.test(name) && parentPath.includes('final'),
  )
  assert.ok(blocks.length >= 2, 'both groups have a unit on each of five nodes')
  const undo = blocks.map(({ name, parentPath }) => {
    const path = join(parentPath, name)
    const good = readFileSync(path)
    if (good.length === 0) return () => {}
    const bad = Buffer.from(good)
    bad[Math.floor(bad.length / 2)]! ^= 0x55
    writeFileSync(path, bad)
    return () => writeFileSync(path, good)
  })
  await sameBytes('/rs')
  await samePieces('/rs/big')
  const { stdout } = await hadoop.fsck('/rs', '-list-corruptfileblocks')
  for (const restore of undo) restore()
  assert.match(stdout, /\/rs/)
})
