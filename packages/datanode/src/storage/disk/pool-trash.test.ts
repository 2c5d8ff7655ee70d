import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { patternBytes } from '@cairn/testkit'
import { DiskNode } from '../../testing/disk-node.ts'
import { testPool } from '../../testing/transfer-node.ts'

const root = mkdtempSync(join(tmpdir(), 'cairn-trash-'))
after(() => rmSync(root, { recursive: true, force: true }))

const blockId = 1073807361n
const folder = 'finalized/subdir1/subdir0'

async function upgrading(): Promise<{ node: DiskNode; dir: string; pool: string }> {
  const dir = mkdtempSync(join(root, 'd-'))
  const node = await DiskNode.open(dir)
  node.add(blockId, patternBytes(5000))
  node.add(7n, patternBytes(100))
  return { node, dir, pool: join(dir, 'current', testPool.blockPoolId) }
}

test('during a rolling upgrade deleted blocks go where Java puts them, and are gone when it is finalized', async () => {
  const { node, pool } = await upgrading()
  const used = node.store.slices[0]!.usedBytes
  await node.store.setRollingUpgrade(true)
  assert.equal(existsSync(join(pool, 'RollingUpgradeInProgress')), true)
  await node.store.invalidate({ blockId, generationStamp: 1001n })
  assert.equal(node.store.find(blockId), undefined)
  assert.deepEqual(readdirSync(join(pool, 'trash', folder)).sort(), [
    `blk_${blockId}`,
    `blk_${blockId}_1001.meta`,
  ])
  assert.equal(node.store.slices[0]!.usedBytes, used - 5000 - 47)
  await node.store.setRollingUpgrade(false)
  assert.equal(existsSync(join(pool, 'trash')), false)
  assert.equal(existsSync(join(pool, 'RollingUpgradeInProgress')), false)
  await node.store.invalidate({ blockId: 7n, generationStamp: 1001n })
  assert.equal(existsSync(join(pool, 'trash')), false)
  await node.close()
})

test('a start with rollback puts the trash back, one without leaves it', async () => {
  const { node, dir, pool } = await upgrading()
  await node.store.setRollingUpgrade(true)
  await node.store.invalidate({ blockId, generationStamp: 1001n })
  await node.close()
  const plain = await DiskNode.open(dir)
  assert.equal(plain.store.find(blockId), undefined)
  assert.equal(existsSync(join(pool, 'trash', folder, `blk_${blockId}`)), true)
  await plain.close()
  const back = await DiskNode.openWith({ dirs: [dir], rollback: true })
  const replica = back.store.find(blockId)!
  assert.deepEqual(new Uint8Array(readFileSync(back.path(replica, 'data'))), patternBytes(5000))
  assert.equal(existsSync(join(pool, 'trash')), false)
  await back.close()
})

test('a longer or equal file in its place is not overwritten', async () => {
  const { node, dir, pool } = await upgrading()
  await node.close()
  mkdirSync(join(pool, 'trash', folder), { recursive: true })
  writeFileSync(join(pool, 'trash', folder, `blk_${blockId}`), 'short')
  const back = await DiskNode.openWith({ dirs: [dir], rollback: true })
  assert.equal(back.store.find(blockId)!.length, 5000)
  await back.close()
})

test('with previous there is no trash; rollback swaps it back, finalization drops it', async () => {
  const { node, dir, pool } = await upgrading()
  await node.close()
  const before = join(pool, 'previous')
  cpSync(join(pool, 'current'), before, { recursive: true })
  rmSync(join(before, 'replicas'), { force: true })
  const upgraded = await DiskNode.open(dir)
  await upgraded.store.setRollingUpgrade(true)
  await upgraded.store.invalidate({ blockId, generationStamp: 1001n })
  assert.equal(existsSync(join(pool, 'trash')), false)
  await upgraded.close()
  const back = await DiskNode.openWith({ dirs: [dir], rollback: true })
  assert.equal(back.store.find(blockId)!.length, 5000)
  assert.equal(existsSync(before), false)
  assert.equal(existsSync(join(pool, 'removed.tmp')), false)
  mkdirSync(before)
  await back.store.finalizeUpgrade()
  assert.equal(existsSync(before), false)
  assert.equal(existsSync(join(pool, 'finalized.tmp')), false)
  await back.store.finalizeUpgrade()
  await back.close()
})
