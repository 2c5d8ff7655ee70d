import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { patternBytes } from '@cairn/testkit'
import { DiskNode } from '../testing/disk-node.ts'
import { testPool } from '../testing/transfer-node.ts'
import { BlockScanner } from './block-scanner.ts'
import { BlockWalk } from './block-walk.ts'
import { newCursor, readCursor } from './scan-cursor.ts'

const root = mkdtempSync(join(tmpdir(), 'cairn-blockscan-'))
after(() => rmSync(root, { recursive: true, force: true }))

// Two upper folders, three folders, six blocks; in the order of their names.
const blockIds = [1n, 10n, 2n, 256n, 65536n, 65537n]
const inOrder = blockIds

async function nodeWithBlocks(): Promise<{ node: DiskNode; cursorPath: string; finalized: string }> {
  const dir = mkdtempSync(join(root, 'd-'))
  const node = await DiskNode.open(dir)
  for (const blockId of [...blockIds].reverse()) node.add(blockId, patternBytes(3000))
  const poolDirectory = join(dir, 'current', testPool.blockPoolId)
  return {
    node,
    cursorPath: join(poolDirectory, 'scanner.cursor'),
    finalized: join(poolDirectory, 'current/finalized'),
  }
}

function scannerOf(
  node: DiskNode,
  options: { bytesPerSecond?: number; now?: () => number } = {},
): BlockScanner {
  return new BlockScanner({
    storage: node.storage,
    events: node.events,
    logger: node.logger,
    bytesPerSecond: 1 << 30,
    periodMs: 1000,
    cursorSaveIntervalMs: 600_000,
    now: () => 5000,
    ...options,
  })
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'waited 10 s in vain')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function damage(path: string): void {
  const bytes = readFileSync(path)
  bytes[1500]! ^= 1
  writeFileSync(path, bytes)
}

test('a walk meets all blocks in order and goes on from any cursor', async () => {
  const { node, finalized } = await nodeWithBlocks()
  for (let stop = 0; stop <= inOrder.length; stop++) {
    const cursor = newCursor(0)
    const met: (bigint | undefined)[] = []
    const first = new BlockWalk(finalized, cursor)
    for (let step = 0; step < stop; step++) met.push(await first.next())
    const second = new BlockWalk(finalized, JSON.parse(JSON.stringify(cursor)))
    for (let blockId = await second.next(); blockId !== undefined; blockId = await second.next())
      met.push(blockId)
    assert.deepEqual(met, inOrder)
  }
  await node.close()
})

test('a pass reports the damaged replica alone and leaves its cursor at the end, as Java writes it', async () => {
  const { node, cursorPath } = await nodeWithBlocks()
  damage(node.path(node.store.find(256n)!, 'data'))
  const scanner = scannerOf(node)
  scanner.start()
  await until(() => scanner.counts.passes === 1)
  await scanner.stop()
  assert.deepEqual({ ...scanner.counts }, { blocks: 5, bytes: 15_000, bad: 1, passes: 1 })
  assert.equal(node.told.length, 1)
  assert.match(node.told[0]!, /^corrupt 256_1001 3000: .*a chunk at 1024/)
  assert.deepEqual(JSON.parse(readFileSync(cursorPath, 'utf8')), {
    lastSavedMs: 5000,
    iterStartMs: 5000,
    curFinalizedDir: null,
    curFinalizedSubDir: null,
    curEntry: null,
    atEnd: true,
  })
  // Nothing before the period is over; then from the beginning.
  const again = scannerOf(node, { now: () => 5999 })
  again.start()
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  await again.stop()
  assert.equal(again.counts.blocks, 0)
  const later = scannerOf(node, { now: () => 6000 })
  later.start()
  await until(() => later.counts.passes === 1)
  await later.stop()
  assert.equal(later.counts.blocks, 5)
  await node.close()
})

test('a stop in the middle saves where it was; the next start goes on there', async () => {
  const { node, cursorPath } = await nodeWithBlocks()
  const first = scannerOf(node, { bytesPerSecond: 30_000 })
  first.start()
  await until(() => first.counts.blocks === 2)
  const stopping = performance.now()
  await first.stop()
  assert.ok(performance.now() - stopping < 1000)
  const cursor = readCursor(cursorPath, 5000)
  assert.equal(cursor.atEnd, false)
  assert.equal(cursor.curFinalizedDir, 'subdir0')
  assert.match(cursor.curEntry ?? '', /^blk_/)
  const second = scannerOf(node)
  second.start()
  await until(() => second.counts.passes === 1)
  await second.stop()
  assert.ok(second.counts.blocks >= 3 && second.counts.blocks <= 4)
  await node.close()
})

test('a replica that changes while it is read is not reported', async () => {
  const { node } = await nodeWithBlocks()
  const scanner = scannerOf(node, { bytesPerSecond: 10_000 })
  scanner.start()
  await until(() => scanner.counts.blocks === 1)
  for (const blockId of blockIds) {
    const writer = node.store.append(node.store.find(blockId)!, 1002n, 3000)
    writer.addComputed(3000, patternBytes(700))
    writer.flush()
    writer.close()
  }
  await until(() => scanner.counts.passes === 1)
  await scanner.stop()
  assert.deepEqual(node.told, [])
  await node.close()
})

test('an unreadable cursor is begun anew, and no rate means no scan', async () => {
  const { node, cursorPath } = await nodeWithBlocks()
  for (const text of [
    '',
    '{',
    '[]',
    '{"atEnd":true}',
    'null',
    '{"lastSavedMs":1,"iterStartMs":9e9,"curFinalizedDir":null,"curFinalizedSubDir":null,"curEntry":null,"atEnd":true}',
  ]) {
    writeFileSync(cursorPath, text)
    assert.deepEqual(readCursor(cursorPath, 7), newCursor(7))
  }
  rmSync(cursorPath)
  const scanner = scannerOf(node, { bytesPerSecond: 0 })
  scanner.start()
  await scanner.stop()
  assert.equal(existsSync(cursorPath), false)
  await node.close()
})
