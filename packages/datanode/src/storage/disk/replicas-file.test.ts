import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { finalizedSubdirectory } from '@cairn/hdfs-storage'
import { silentLogger } from '../../logger.ts'
import { DataStorage } from '../data-storage.ts'
import type { ReplicaStore } from '../replica-store.ts'

const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }
const root = mkdtempSync(join(tmpdir(), 'cairn-replicas-'))
after(() => rmSync(root, { recursive: true, force: true }))

const blockIds = [1073741825n, 1073741826n, -9223372036854775792n, 4294967296n]

function open(dir: string): Promise<{ storage: DataStorage; store: ReplicaStore }> {
  const storage = new DataStorage({
    dirs: [dir],
    logger: silentLogger,
    now: () => 0,
    newUuid: randomUUID,
  })
  return storage.openPool(pool).then((store) => ({ storage, store }))
}

/** A directory whose replicas were written down a minute after they were last touched. */
async function stopped(): Promise<{ dir: string; path: string }> {
  const dir = mkdtempSync(join(root, 'd-'))
  const finalized = join(dir, 'current', pool.blockPoolId, 'current/finalized')
  blockIds.forEach((blockId, index) => {
    const folder = join(finalized, finalizedSubdirectory(blockId))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `blk_${blockId}`), new Uint8Array(index * 1000))
    writeFileSync(join(folder, `blk_${blockId}_${1000 + index}.meta`), new Uint8Array(7))
  })
  await (await open(dir)).storage.close()
  const path = join(dir, 'current', pool.blockPoolId, 'current/replicas')
  const past = Date.now() / 1000 - 60
  for (const blockId of blockIds) {
    const folder = join(finalized, finalizedSubdirectory(blockId))
    for (const touched of [folder, dirname(folder), finalized]) utimesSync(touched, past, past)
  }
  return { dir, path }
}

function listed(store: ReplicaStore): unknown[] {
  return [...store.replicas()]
    .map(({ blockId, generationStamp, length, state }) => ({ blockId, generationStamp, length, state }))
    .sort((a, b) => (a.generationStamp < b.generationStamp ? -1 : 1))
}

const all = blockIds.map((blockId, index) => ({
  blockId,
  generationStamp: BigInt(1000 + index),
  length: index * 1000,
  state: 'FINALIZED',
}))

test('a stop writes the replicas down, and the next start believes it and removes it', async () => {
  const { dir, path } = await stopped()
  // A length that only the file can have told.
  const bytes = readFileSync(path)
  const at = bytes.indexOf(Buffer.from([0xe8, 0x07]))
  assert.ok(at > 0)
  const touched = bytes.map((byte, index) => (index === at ? 0xe9 : byte))
  writeFileSync(path, touched)
  const { storage, store } = await open(dir)
  assert.equal(existsSync(path), false)
  assert.notDeepEqual(listed(store), all)
  assert.equal(store.count, 4)
  assert.ok(store.slices[0]!.usedBytes >= 6000)
  await storage.close()
})

test('a file that is damaged, old, or older than a folder is not believed', async () => {
  for (const spoil of [
    (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -1)),
    (path: string) => writeFileSync(path, Buffer.concat([readFileSync(path), new Uint8Array(1)])),
    (path: string) => writeFileSync(path, 'nonsense'),
    (path: string) => writeFileSync(path, ''),
    (path: string) => utimesSync(path, Date.now() / 1000 - 400, Date.now() / 1000 - 400),
    (path: string) => writeFileSync(join(dirname(path), 'finalized/subdir0/subdir0/x'), ''),
  ]) {
    const { dir, path } = await stopped()
    spoil(path)
    const { storage, store } = await open(dir)
    assert.deepEqual(listed(store), all)
    assert.equal(existsSync(path), false)
    await storage.close()
  }
})
