import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { patternBytes } from '@cairn/testkit'
import type { Replica } from '../storage/replica.ts'
import { DiskNode } from '../testing/disk-node.ts'
import { testPool } from '../testing/transfer-node.ts'
import { BlockCache } from './block-cache.ts'

const root = mkdtempSync(join(tmpdir(), 'cairn-cache-'))
after(() => rmSync(root, { recursive: true, force: true }))

const { blockPoolId } = testPool

async function nodeWithCache(capacityBytes = 1 << 20) {
  const node = await DiskNode.open(mkdtempSync(join(root, 'd-')))
  const suspects: Replica[] = []
  const cache = new BlockCache({
    capacityBytes,
    logger: node.logger,
    suspect: (_, replica) => suspects.push(replica),
  })
  return { node, cache, suspects }
}

function readAll(replica: Replica): Uint8Array {
  const file = replica.slice.open(replica, 'read')
  const bytes = new Uint8Array(replica.length)
  assert.equal(file.readSync('data', bytes, 0), replica.length)
  file.close()
  return bytes
}

test('a block in memory is read without its files, and from them again when it is uncached', async () => {
  const { node, cache } = await nodeWithCache()
  const replica = node.add(1n, patternBytes(5000))
  await cache.cache(node.store, [1n])
  assert.deepEqual(cache.blocks(blockPoolId), [1n])
  assert.equal(cache.usedBytes, 8192)
  const path = node.path(replica, 'data')
  const bytes = readFileSync(path)
  unlinkSync(path)
  assert.deepEqual(readAll(replica), patternBytes(5000))
  const file = replica.slice.open(replica, 'read')
  const pieces = [new Uint8Array(100), new Uint8Array(5000)]
  assert.equal(await file.read('data', pieces, 4000), 1000)
  assert.deepEqual(pieces[1]!.subarray(0, 900), patternBytes(900, 4100))
  assert.equal(file.length('meta'), 7 + 4 * 10)
  assert.throws(() => replica.slice.open(replica, 'disk'), { code: 'ERR_DN_REPLICA_CORRUPT' })
  cache.uncache(node.store, [1n])
  assert.equal(cache.usedBytes, 0)
  assert.deepEqual(cache.blocks(blockPoolId), [])
  assert.throws(() => replica.slice.open(replica, 'read'), { code: 'ERR_DN_REPLICA_CORRUPT' })
  writeFileSync(path, bytes)
  await node.close()
})

test('what does not fit in, is not here, or is not complete is left out', async () => {
  const { node, cache } = await nodeWithCache(8192)
  node.add(1n, patternBytes(5000))
  node.add(2n, patternBytes(10))
  node.store.createRbw({
    blockId: 3n,
    generationStamp: 1n,
    expectedBytes: 1,
    storageType: undefined,
    checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
  })
  await cache.cache(node.store, [1n, 2n, 3n, 4n, 1n])
  assert.deepEqual(cache.blocks(blockPoolId), [1n])
  assert.deepEqual({ ...cache.counts }, { cached: 1, uncached: 0, failed: 3 })
  await node.close()
})

test('a damaged block is not taken in and becomes a suspect', async () => {
  const { node, cache, suspects } = await nodeWithCache()
  const replica = node.add(1n, patternBytes(5000))
  const bytes = readFileSync(node.path(replica, 'data'))
  bytes[4000]! ^= 1
  writeFileSync(node.path(replica, 'data'), bytes)
  await cache.cache(node.store, [1n])
  assert.deepEqual(cache.blocks(blockPoolId), [])
  assert.equal(cache.usedBytes, 0)
  assert.deepEqual(suspects, [replica])
  await node.close()
})

test('append, deletion and uncaching while it is loaded end the life of what is in memory', async () => {
  const { node, cache } = await nodeWithCache()
  for (const blockId of [1n, 2n, 3n]) node.add(blockId, patternBytes(2000))
  const loading = cache.cache(node.store, [1n, 2n, 3n])
  cache.uncache(node.store, [3n])
  await loading
  assert.deepEqual(cache.blocks(blockPoolId), [1n, 2n])
  const writer = node.store.append(node.store.find(1n)!, 1002n, 2000)
  writer.addComputed(2000, patternBytes(500, 2000))
  writer.flush()
  writer.close()
  node.store.finalize(writer.replica)
  assert.deepEqual(readAll(writer.replica), patternBytes(2500))
  await node.store.invalidate({ blockId: 2n, generationStamp: 1001n })
  assert.deepEqual(cache.blocks(blockPoolId), [])
  assert.equal(cache.usedBytes, 0)
  await cache.cache(node.store, [1n])
  assert.deepEqual(cache.blocks(blockPoolId), [1n])
  await cache.close()
  assert.equal(cache.usedBytes, 0)
  assert.equal(node.store.slices[0]!.cached?.size, 0)
  await node.close()
})
