import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { patternBytes } from '@cairn/testkit'
import { DiskNode } from '../testing/disk-node.ts'
import { DirectoryScanner, type DirectoryScanReport } from './directory-scanner.ts'

const root = mkdtempSync(join(tmpdir(), 'cairn-dirscan-'))
after(() => rmSync(root, { recursive: true, force: true }))

const nothing: Omit<DirectoryScanReport, 'files'> = {
  missingData: 0,
  missingMemory: 0,
  missingMeta: 0,
  wrongLength: 0,
  duplicates: 0,
  orphanMeta: 0,
  misplaced: 0,
}

function scannerOf(node: DiskNode): DirectoryScanner {
  return new DirectoryScanner({
    storage: node.storage,
    events: node.events,
    logger: node.logger,
    intervalMs: 0,
    workMsPerSecond: 1000,
    random: () => 0,
  })
}

async function scan(node: DiskNode): Promise<Partial<DirectoryScanReport>> {
  const report = await scannerOf(node).scan()
  // What was put right stays right.
  assert.deepEqual(
    { ...(await scannerOf(node).scan()), files: 0, missingMeta: 0, misplaced: 0 },
    { ...nothing, files: 0 },
  )
  return Object.fromEntries(Object.entries(report).filter(([name, count]) => name !== 'files' && count > 0))
}

async function nodeWith(count: number, volumes = 1): Promise<{ node: DiskNode; dirs: string[] }> {
  const dirs = Array.from({ length: volumes }, () => mkdtempSync(join(root, 'd-')))
  const node = await DiskNode.open(...dirs)
  for (let index = 0; index < count; index++) node.add(BigInt(index * 100), patternBytes(1000 + index))
  return { node, dirs }
}

test('a node whose disk is as it was says so and tells nobody', async () => {
  const { node } = await nodeWith(300, 2)
  assert.deepEqual(await scannerOf(node).scan(), { ...nothing, files: 300 })
  assert.deepEqual(node.told, [])
  await node.close()
})

test('a block file that is gone costs the replica, its meta file and a word to the NameNode', async () => {
  const { node } = await nodeWith(3)
  const replica = node.store.find(100n)!
  const used = replica.slice.usedBytes
  unlinkSync(node.path(replica, 'data'))
  assert.deepEqual(await scan(node), { missingData: 1 })
  assert.equal(node.store.find(100n), undefined)
  assert.equal(existsSync(node.path(replica, 'meta')), false)
  assert.deepEqual(node.told, ['deleted 100_1001 1001'])
  assert.ok(replica.slice.usedBytes < used)
  rmSync(dirname(dirname(node.path(replica, 'data'))), { recursive: true })
  assert.deepEqual(await scan(node), { missingData: 2 })
  assert.equal(node.store.count, 0)
  await node.close()
})

test('a replica that lost its meta file is reported, and found again when the file comes back', async () => {
  const { node } = await nodeWith(1)
  const meta = node.path(node.store.find(0n)!, 'meta')
  renameSync(meta, join(root, 'aside'))
  assert.deepEqual(await scan(node), { missingMeta: 1 })
  assert.match(node.told[0]!, /^corrupt 0_1001 1000: its meta file is missing/)
  renameSync(join(root, 'aside'), meta.replace('1001', '1005'))
  await scan(node)
  assert.equal(node.store.find(0n)!.generationStamp, 1005n)
  await node.close()
})

test('files that memory does not know are taken in', async () => {
  const { node, dirs } = await nodeWith(2)
  const other = await DiskNode.open(mkdtempSync(join(root, 'o-')))
  const strange = other.add(77n, patternBytes(5000), 1003n)
  const slice = node.store.slices[0]!
  mkdirSync(dirname(slice.paths!.data(strange)), { recursive: true })
  for (const part of ['data', 'meta'] as const)
    copyFileSync(other.path(strange, part), slice.paths![part](strange))
  assert.deepEqual(await scan(node), { missingMemory: 1 })
  assert.deepEqual(node.told, ['received 77_1003 5000'])
  assert.equal(node.store.find(77n)!.slice.volume.path, dirs[0])
  await other.close()
  await node.close()
})

test('a block file of another length is reported as corrupt', async () => {
  const { node } = await nodeWith(2)
  truncateSync(node.path(node.store.find(100n)!, 'data'), 600)
  assert.deepEqual(await scan(node), { wrongLength: 1 })
  assert.deepEqual(node.told, ['corrupt 100_1001 600: its block file has 600 bytes, not 1001'])
  await node.close()
})

test('of a block on two volumes the newer one stays', async () => {
  for (const [stamp, keptIndex] of [
    [1002n, 1],
    [1000n, 0],
  ] as const) {
    const dirs = ['a', 'b'].map(() => mkdtempSync(join(root, 'd-')))
    const node = await DiskNode.open(...dirs)
    const known = node.add(5n, patternBytes(1000))
    const here = node.store.slices.indexOf(known.slice)
    const second = node.store.slices[1 - here]!
    const name = { place: 'finalized', blockId: 5n, generationStamp: stamp } as const
    mkdirSync(dirname(second.paths!.data(name)), { recursive: true })
    copyFileSync(node.path(known, 'data'), second.paths!.data(name))
    copyFileSync(node.path(known, 'meta'), second.paths!.meta(name))
    assert.deepEqual(await scan(node), { duplicates: 1 })
    const kept = keptIndex === 0 ? known.slice : second
    const gone = keptIndex === 0 ? second : known.slice
    assert.equal(node.store.find(5n)!.slice, kept)
    assert.equal(existsSync(kept.paths!.data(name)), true)
    assert.equal(existsSync(gone.paths!.data(name)), false)
    await node.close()
  }
})

test('meta files without their block file are removed, those of writers stay', async () => {
  const { node } = await nodeWith(1)
  const slice = node.store.slices[0]!
  const writer = node.store.createRbw({
    blockId: 9n,
    generationStamp: 1001n,
    expectedBytes: 10,
    storageType: undefined,
    checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
  })
  const orphans = [
    slice.paths!.meta({ place: 'finalized', blockId: 3n, generationStamp: 1001n }),
    slice.paths!.meta({ place: 'finalized', blockId: 0n, generationStamp: 1000n }),
    slice.paths!.meta({ place: 'rbw', blockId: 4n, generationStamp: 1001n }),
  ]
  for (const orphan of orphans) writeFileSync(orphan, 'x')
  assert.deepEqual(await scan(node), { orphanMeta: 3 })
  for (const orphan of orphans) assert.equal(existsSync(orphan), false)
  assert.equal(existsSync(slice.paths!.meta(writer.replica)), true)
  assert.deepEqual(node.told, [])
  writer.close()
  await node.close()
})

test('what happens while the scan runs is not mistaken for damage', async () => {
  const { node } = await nodeWith(200)
  const scanning = scannerOf(node).scan()
  let next = 1_000_000n
  for (let round = 0; round < 200; round++) {
    const replica = node.store.find(BigInt(round * 100))!
    if (round % 3 === 0) void node.store.invalidate(replica)
    else if (round % 3 === 1) node.store.append(replica, 1002n, replica.length).close()
    node.add(next++, patternBytes(100))
    await new Promise(setImmediate)
  }
  const { files, ...differences } = await scanning
  assert.ok(files > 0)
  assert.deepEqual(differences, nothing)
  assert.deepEqual(node.told, [])
  await node.close()
})

test('block files in a folder of others are counted and left alone', async () => {
  const { node } = await nodeWith(1)
  const replica = node.store.find(0n)!
  const stray = join(dirname(node.path(replica, 'data')), 'blk_70000')
  writeFileSync(stray, 'x')
  assert.deepEqual(await scan(node), { misplaced: 1 })
  assert.equal(existsSync(stray), true)
  await node.close()
})
