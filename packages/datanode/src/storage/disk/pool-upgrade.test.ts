import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kernel } from '@cairn/checksum'
import { patternBytes } from '@cairn/testkit'
import { silentLogger } from '../../logger.ts'
import { DataStorage } from '../data-storage.ts'
import type { PoolIdentity } from '../volume.ts'

const pool: PoolIdentity = {
  blockPoolId: 'BP-1-127.0.0.1-1',
  namespaceId: 7,
  clusterId: 'CID-test',
  cTime: 1n,
}
const upgraded = { ...pool, cTime: 2n }
const root = mkdtempSync(join(tmpdir(), 'cairn-upgrade-'))
after(() => rmSync(root, { recursive: true, force: true }))
/** Far apart in 256 × 256 folders and in 32 × 32 ones. */
const blockIds = [1073741825n, 1073807361n, 1077936129n, -9223372036854775792n]
const content = (blockId: bigint): Uint8Array => patternBytes(3000, Number(blockId & 0xffn))

function storageOf(dir: string, rollback = false): DataStorage {
  const options = { dirs: [dir], logger: silentLogger, now: Date.now, newUuid: randomUUID }
  return new DataStorage({ ...options, rollback })
}

async function opened(dir: string, identity: PoolIdentity) {
  const storage = storageOf(dir)
  const store = await storage.openPool(identity)
  return { storage, store }
}

function metaOf(data: Uint8Array): Uint8Array {
  const meta = new Uint8Array(7 + Math.ceil(data.length / 512) * 4)
  meta.set([0, 1, 2, 0, 0, 2, 0])
  kernel.compute('CRC32C', data, 512, meta, 7)
  return meta
}

/** A directory as Hadoop 2.6 leaves it: folders by 8 bits of the block's id each. */
async function olderDirectory(layoutVersion: number): Promise<string> {
  const dir = mkdtempSync(join(root, 'd-'))
  const { storage } = await opened(dir, pool)
  await storage.close()
  const current = join(dir, 'current', pool.blockPoolId, 'current')
  rmSync(join(current, 'replicas'), { force: true })
  for (const blockId of blockIds) {
    const folder = join(
      current,
      'finalized',
      `subdir${(blockId >> 16n) & 0xffn}`,
      `subdir${(blockId >> 8n) & 0xffn}`,
    )
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `blk_${blockId}`), content(blockId))
    writeFileSync(join(folder, `blk_${blockId}_1001.meta`), metaOf(content(blockId)))
  }
  const unfinished = content(5n)
  writeFileSync(join(current, 'rbw/blk_5'), unfinished)
  writeFileSync(join(current, 'rbw/blk_5_1002.meta'), metaOf(unfinished))
  for (const version of [join(dir, 'current/VERSION'), join(current, 'VERSION')])
    writeFileSync(
      version,
      readFileSync(version, 'latin1').replace('layoutVersion=-57', `layoutVersion=${layoutVersion}`),
    )
  return dir
}

const poolDirectory = (dir: string): string => join(dir, 'current', pool.blockPoolId)

async function assertWhole(dir: string, identity: PoolIdentity): Promise<void> {
  const { storage, store } = await opened(dir, identity)
  assert.equal(store.count, 5)
  for (const blockId of blockIds) {
    const replica = store.find(blockId)!
    const file = store.openForRead(replica)
    const data = new Uint8Array(3000)
    file.readSync('data', data, 0)
    file.close()
    assert.deepEqual(data, content(blockId))
  }
  assert.equal(store.find(5n)!.state, 'RWR')
  await storage.close()
}

for (const layoutVersion of [-56, -55]) {
  test(`[disk.upgrade.1] layout ${layoutVersion} of Hadoop 2 is upgraded, and kept as previous`, async () => {
    const dir = await olderDirectory(layoutVersion)
    await assertWhole(dir, pool)
    assert.match(readFileSync(join(dir, 'current/VERSION'), 'latin1'), /layoutVersion=-57/)
    assert.match(readFileSync(join(poolDirectory(dir), 'current/VERSION'), 'latin1'), /layoutVersion=-57/)
    const old = new RegExp(`layoutVersion=${layoutVersion}`)
    assert.match(readFileSync(join(poolDirectory(dir), 'previous/VERSION'), 'latin1'), old)
    await assertWhole(dir, pool)
  })
}

test('[disk.id.3] a layout that nobody knows is refused with what is known', async () => {
  for (const layoutVersion of [-54, -58]) {
    const dir = await olderDirectory(layoutVersion)
    assert.throws(() => storageOf(dir), {
      code: 'ERR_DN_STORAGE_LAYOUT',
      message: new RegExp(`VERSION.*found layoutVersion ${layoutVersion}; -57, -56, -55 can be read`),
    })
  }
})

test('[disk.upgrade.3] an upgrade that was cut at any step is ended or begun again', async () => {
  const cuts: readonly ((at: string) => void)[] = [
    // The old one moved away.
    (at) => renameSync(join(at, 'current'), join(at, 'previous.tmp')),
    // Some links made.
    (at) => {
      renameSync(join(at, 'current'), join(at, 'previous.tmp'))
      mkdirSync(join(at, 'current/finalized/subdir0/subdir0'), { recursive: true })
    },
  ]
  for (const cut of cuts) {
    const dir = await olderDirectory(-56)
    cut(poolDirectory(dir))
    await assertWhole(dir, pool)
  }
  const dir = await olderDirectory(-56)
  await assertWhole(dir, pool)
  // All but the last step.
  renameSync(join(poolDirectory(dir), 'previous'), join(poolDirectory(dir), 'previous.tmp'))
  await assertWhole(dir, pool)
  assert.ok(existsSync(join(poolDirectory(dir), 'previous/VERSION')))
})

test('[disk.upgrade.4] after an upgrade of the NameNode what is written does not reach what is kept, and a rollback brings that back', async () => {
  const dir = await olderDirectory(-57)
  // Folders of today's layout.
  const current = join(poolDirectory(dir), 'current')
  rmSync(join(current, 'finalized'), { recursive: true })
  const folder = join(current, 'finalized/subdir0/subdir0')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'blk_1'), content(1n))
  writeFileSync(join(folder, 'blk_1_1001.meta'), metaOf(content(1n)))
  const { storage, store } = await opened(dir, upgraded)
  assert.equal(store.count, 2)
  const writer = store.append({ blockId: 1n, generationStamp: 1001n }, 1003n, 3000)
  writer.addComputed(3000, patternBytes(2000, 9))
  writer.flush()
  store.finalize(writer.replica)
  writer.close()
  await storage.close()
  const before = join(poolDirectory(dir), 'previous/finalized/subdir0/subdir0')
  assert.deepEqual(new Uint8Array(readFileSync(join(before, 'blk_1'))), content(1n))
  assert.deepEqual(new Uint8Array(readFileSync(join(before, 'blk_1_1001.meta'))), metaOf(content(1n)))
  const older = storageOf(dir)
  await assert.rejects(older.openPool(pool), /newer than the NameNode's 1/)
  await older.close()
  const back = storageOf(dir, true)
  const restored = await back.openPool(pool)
  assert.equal(restored.find(1n)!.length, 3000)
  assert.equal(restored.find(1n)!.generationStamp, 1001n)
  await back.close()
})
