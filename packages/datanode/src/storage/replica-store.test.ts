import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { kernel } from '@cairn/checksum'
import { patternBytes } from '@cairn/testkit'
import { silentLogger } from '../logger.ts'
import { type BlockChecksum, metaLength } from './block-meta.ts'
import { DataStorage } from './data-storage.ts'
import type { Replica } from './replica.ts'
import { initReplicaRecovery, updateReplicaUnderRecovery } from './replica-recovery.ts'
import type { ReplicaStore } from './replica-store.ts'
import type { ReplicaWriter } from './replica-writer.ts'

const checksum: BlockChecksum = { type: 'CRC32C', bytesPerChecksum: 512 }
const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }
const root = mkdtempSync(join(tmpdir(), 'cairn-store-'))
after(() => rmSync(root, { recursive: true, force: true }))

function storageOf(dirs: string[], memoryBytes?: number): DataStorage {
  return new DataStorage({
    dirs,
    memoryBytes,
    logger: silentLogger,
    now: () => 0,
    newUuid: randomUUID,
  })
}

function freshDirectory(): string {
  return mkdtempSync(join(root, 'd-'))
}

function newReplica(blockId: bigint, generationStamp = 1001n) {
  return { blockId, generationStamp, expectedBytes: 4096, storageType: undefined, checksum }
}

/** Sends `[from, to)` of the pattern as one packet, acknowledged. */
function write(writer: ReplicaWriter, from: number, to: number, acknowledged = true): void {
  const data = patternBytes(to - from, from)
  const checksums = new Uint8Array(Math.ceil(data.length / 512) * 4)
  kernel.compute('CRC32C', data, 512, checksums)
  writer.add({ offsetInBlock: from, data, checksums })
  writer.flush()
  if (acknowledged) writer.replica.bytesAcked = writer.replica.length
}

function assertIntact(store: ReplicaStore, replica: Replica, length: number): void {
  assert.equal(replica.length, length)
  const file = store.openForRead(replica)
  const data = new Uint8Array(length)
  assert.equal(file.readSync('data', data, 0), length)
  assert.deepEqual(data, patternBytes(length))
  assert.equal(file.length('data'), length)
  assert.equal(file.length('meta'), metaLength(length, checksum))
  const sums = new Uint8Array(Math.ceil(length / 512) * 4)
  file.readSync('meta', sums, 7)
  assert.equal(kernel.verify('CRC32C', data, 512, sums), -1)
  file.close()
}

for (const kind of ['disk', 'memory'] as const) {
  describe(`ReplicaStore on ${kind}`, () => {
    const open = async (): Promise<ReplicaStore> =>
      (kind === 'disk' ? storageOf([freshDirectory()]) : storageOf([], 1 << 20)).openPool(pool)

    test('takes packets that begin anywhere up to the end and keeps every checksum right', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(1n))
      write(writer, 0, 700)
      write(writer, 512, 900) // the whole last chunk again, longer
      write(writer, 900, 1000) // inside a chunk
      write(writer, 1000, 1024)
      write(writer, 600, 1000) // all of it is here
      write(writer, 0, 3000) // from the start again
      write(writer, 3000, 3000)
      writer.close()
      store.finalize(writer.replica)
      assert.equal(writer.replica.state, 'FINALIZED')
      assertIntact(store, writer.replica, 3000)
      assert.throws(() => write(writer, 4000, 4100), { code: 'ERR_DN_REPLICA_STATE' })
    })

    test('writes adjacent packets of one turn together', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(2n))
      for (const [from, to] of [
        [0, 100],
        [0, 512],
        [512, 600],
        [600, 700],
        [512, 1100],
        [1024, 2000],
      ] as const) {
        const data = patternBytes(to - from, from)
        const checksums = new Uint8Array(Math.ceil(data.length / 512) * 4)
        kernel.compute('CRC32C', data, 512, checksums)
        writer.add({ offsetInBlock: from, data, checksums })
      }
      assert.equal(writer.replica.length, 0)
      writer.flush()
      assertIntact(store, writer.replica, 2000)
      writer.addComputed(1900, patternBytes(800, 1900))
      writer.flush()
      assertIntact(store, writer.replica, 2700)
    })

    test('appends to a finalized block in the middle of a chunk', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(3n))
      write(writer, 0, 1000)
      store.finalize(writer.replica)
      assert.throws(() => store.append({ blockId: 3n, generationStamp: 1001n }, 1002n, 999), {
        code: 'ERR_DN_REPLICA_STATE',
      })
      assert.throws(() => store.append({ blockId: 3n, generationStamp: 1000n }, 1002n, 1000), {
        code: 'ERR_DN_REPLICA_MISSING',
      })
      const again = store.append({ blockId: 3n, generationStamp: 1001n }, 1002n, 1000)
      assert.equal(again.replica.state, 'RBW')
      write(again, 1000, 1024)
      write(again, 1024, 1500)
      store.finalize(again.replica)
      assert.equal(again.replica.generationStamp, 1002n)
      assertIntact(store, again.replica, 1500)
    })

    test('recovers a pipeline: unacknowledged bytes go, the generation stamp rises', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(4n))
      let stopped = ''
      writer.replica.work = {
        stop: (reason) => {
          stopped = reason
        },
      }
      write(writer, 0, 700)
      write(writer, 700, 900, false)
      assert.throws(() => store.recoverRbw({ blockId: 4n, generationStamp: 1001n }, 1002n, 800, 900), {
        code: 'ERR_DN_REPLICA_STATE',
      })
      assert.notEqual(stopped, '')
      const again = store.recoverRbw({ blockId: 4n, generationStamp: 1001n }, 1002n, 600, 900)
      assert.equal(again.replica.length, 700)
      write(again, 512, 1200)
      const closed = store.recoverClose({ blockId: 4n, generationStamp: 1002n }, 1003n, 1200)
      assert.equal(closed.state, 'FINALIZED')
      assert.equal(closed.generationStamp, 1003n)
      assertIntact(store, closed, 1200)
      assert.equal(
        store.recoverClose({ blockId: 4n, generationStamp: 1003n }, 1004n, 1200).generationStamp,
        1004n,
      )
    })

    test('goes on for a writer that tells only the new generation', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(35n))
      write(writer, 0, 700)
      write(writer, 700, 900, false)
      const again = store.resumeRecovered({ blockId: 35n, generationStamp: 1002n })
      assert.equal(again.replica.length, 700)
      write(again, 512, 1200)
      store.finalize(again.replica)
      assert.throws(() => store.resumeRecovered({ blockId: 35n, generationStamp: 1001n }), {
        code: 'ERR_DN_REPLICA_STATE',
      })
      const appending = store.resumeRecovered({ blockId: 35n, generationStamp: 1003n })
      assert.equal(appending.replica.state, 'RBW')
      write(appending, 1024, 1500)
      store.finalize(appending.replica)
      assert.equal(appending.replica.generationStamp, 1003n)
      assertIntact(store, appending.replica, 1500)
    })

    test('gives way to a newer generation, never to the same', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(5n))
      write(writer, 0, 10)
      assert.throws(() => store.createRbw(newReplica(5n)), { code: 'ERR_DN_REPLICA_EXISTS' })
      const newer = store.createRbw(newReplica(5n, 1002n))
      write(newer, 0, 20)
      store.finalize(newer.replica)
      assert.throws(() => store.createRbw(newReplica(5n, 1003n)), { code: 'ERR_DN_REPLICA_EXISTS' })
      assertIntact(store, newer.replica, 20)
    })

    test('copies stay hidden until complete, and can become RBW', async () => {
      const store = await open()
      const copy = store.createTemporary(newReplica(6n))
      write(copy, 0, 600)
      assert.equal(copy.replica.visibleLength, -1)
      assert.throws(() => store.convertTemporaryToRbw(copy.replica, 700), { code: 'ERR_DN_REPLICA_STATE' })
      store.convertTemporaryToRbw(copy.replica, 550)
      assert.equal(copy.replica.visibleLength, 550)
      copy.close()
      const rbw = store.recoverRbw({ blockId: 6n, generationStamp: 1001n }, 1002n, 550, 600)
      assertIntact(store, rbw.replica, 550)
      const dropped = store.createTemporary(newReplica(7n))
      store.abandon(dropped.replica)
      assert.equal(store.find(7n), undefined)
    })

    test('left out of a recovery, an unfinished replica gives way to what came out of it', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(31n))
      write(writer, 0, 700)
      writer.close()
      const block = { blockId: 31n, generationStamp: 1001n }
      assert.equal(initReplicaRecovery(store, block, 1005n)!.originalState, 'RBW')
      assert.throws(() => store.createTemporary(newReplica(31n, 1004n)), { code: 'ERR_DN_REPLICA_EXISTS' })
      const copy = store.createTemporary(newReplica(31n, 1005n))
      write(copy, 0, 600)
      copy.close()
      store.finalize(copy.replica)
      assert.equal(store.find(31n), copy.replica)
      assertIntact(store, copy.replica, 600)
      // A complete one that is frozen stays: its recovery may still want it.
      initReplicaRecovery(store, { blockId: 31n, generationStamp: 1005n }, 1006n)
      assert.throws(() => store.createTemporary(newReplica(31n, 1006n)), { code: 'ERR_DN_REPLICA_EXISTS' })
    })

    test('recovery freezes, refuses older recoveries and cuts', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(8n))
      write(writer, 0, 1000)
      const block = { blockId: 8n, generationStamp: 1001n }
      assert.deepEqual(initReplicaRecovery(store, block, 1005n), {
        ...block,
        length: 1000,
        originalState: 'RBW',
      })
      assert.throws(() => initReplicaRecovery(store, block, 1005n), { code: 'ERR_DN_RECOVERY_IN_PROGRESS' })
      assert.equal(initReplicaRecovery(store, block, 1006n)?.originalState, 'RBW')
      assert.equal(initReplicaRecovery(store, { blockId: 99n, generationStamp: 1n }, 5n), undefined)
      const update = (recoveryId: bigint, newLength: number, newBlockId = 0n): Replica =>
        updateReplicaUnderRecovery(store, { ...block, length: 1000 }, { recoveryId, newLength, newBlockId })
      assert.throws(() => update(1005n, 900), { code: 'ERR_DN_REPLICA_STATE' })
      assert.throws(() => update(1006n, 1001), { code: 'ERR_DN_REPLICA_STATE' })
      const replica = update(1006n, 900)
      assert.equal(replica.state, 'FINALIZED')
      assert.equal(replica.generationStamp, 1006n)
      assertIntact(store, replica, 900)
    })

    test('copy-on-truncate leaves the old block as it was', async () => {
      const store = await open()
      const writer = store.createRbw(newReplica(9n))
      write(writer, 0, 1000)
      store.finalize(writer.replica)
      const block = { blockId: 9n, generationStamp: 1001n }
      initReplicaRecovery(store, block, 1007n)
      const copy = updateReplicaUnderRecovery(
        store,
        { ...block, length: 1000 },
        { recoveryId: 1007n, newLength: 300, newBlockId: 10n },
      )
      assert.equal(copy.blockId, 10n)
      assertIntact(store, copy, 300)
      assert.equal(writer.replica.state, 'FINALIZED')
      assertIntact(store, writer.replica, 1000)
    })

    test('forgets invalidated blocks and gives their space back', async () => {
      const store = await open()
      const used = store.slices[0]!.usedBytes
      const writer = store.createRbw(newReplica(11n))
      write(writer, 0, 1000)
      store.finalize(writer.replica)
      assert.equal(store.slices[0]!.usedBytes, used + 1000 + 15)
      await assert.rejects(store.invalidate({ blockId: 11n, generationStamp: 1000n }), {
        code: 'ERR_DN_REPLICA_MISSING',
      })
      await store.invalidate({ blockId: 11n, generationStamp: 1001n })
      assert.equal(store.slices[0]!.usedBytes, used)
      assert.equal(store.slices[0]!.volume.reservedBytes, 0)
      assert.throws(() => store.require({ blockId: 11n, generationStamp: 1001n }), {
        code: 'ERR_DN_REPLICA_MISSING',
      })
    })
  })
}

describe('a storage directory after a restart', () => {
  const poolDirectory = (dir: string): string => join(dir, 'current', pool.blockPoolId, 'current')

  async function reopen(
    storage: DataStorage,
    dir: string,
  ): Promise<{ storage: DataStorage; store: ReplicaStore }> {
    await storage.close()
    const again = storageOf([dir])
    return { storage: again, store: await again.openPool(pool) }
  }

  async function start(
    dir = freshDirectory(),
  ): Promise<{ dir: string; storage: DataStorage; store: ReplicaStore }> {
    const storage = storageOf([dir])
    return { dir, storage, store: await storage.openPool(pool) }
  }

  test('has the layout of version -57, the same ids and its finalized blocks', async () => {
    const { dir, storage, store } = await start()
    const blockId = 1073741825n + (5n << 16n) + (33n << 8n)
    const writer = store.createRbw(newReplica(blockId))
    write(writer, 0, 5000)
    store.finalize(writer.replica)
    const file = join(poolDirectory(dir), 'finalized/subdir5/subdir1', `blk_${blockId}`)
    assert.deepEqual(new Uint8Array(readFileSync(file)), patternBytes(5000))
    assert.ok(existsSync(`${file}_1001.meta`))
    assert.match(readFileSync(join(dir, 'current/VERSION'), 'latin1'), /layoutVersion=-57/)
    const uuid = storage.datanodeUuid
    const again = await reopen(storage, dir)
    assert.equal(again.storage.datanodeUuid, uuid)
    assert.equal(again.store.slices[0]!.volume.storageId, store.slices[0]!.volume.storageId)
    const replica = again.store.require({ blockId, generationStamp: 1001n })
    assert.equal(replica.state, 'FINALIZED')
    assertIntact(again.store, replica, 5000)
    await again.storage.close()
  })

  test('holds half-written blocks as RWR with every acknowledged byte', async () => {
    const { dir, storage, store } = await start()
    write(store.createRbw(newReplica(20n)), 0, 1000)
    const rbw = join(poolDirectory(dir), 'rbw/blk_20')
    // A kill after the data and before the checksums of the next packet.
    appendFileSync(rbw, patternBytes(700, 1000))
    write(store.createRbw(newReplica(21n)), 0, 1024)
    appendFileSync(join(poolDirectory(dir), 'rbw/blk_21'), 'torn')
    store.createRbw(newReplica(22n))
    const again = await reopen(storage, dir)
    for (const [blockId, length] of [
      [20n, 1000],
      [21n, 1024],
      [22n, 0],
    ] as const) {
      const replica = again.store.require({ blockId, generationStamp: 1001n })
      assert.equal(replica.state, 'RWR')
      assertIntact(again.store, replica, length)
    }
    await again.storage.close()
  })

  test('finishes or undoes a move that was cut in two', async () => {
    const { dir, storage, store } = await start()
    const finalizedDirectory = join(poolDirectory(dir), 'finalized/subdir0/subdir0')
    const rbwDirectory = join(poolDirectory(dir), 'rbw')
    const finalizing = store.createRbw(newReplica(30n))
    write(finalizing, 0, 800)
    const appending = store.createRbw(newReplica(31n))
    write(appending, 0, 900)
    store.finalize(appending.replica)
    renameSync(join(rbwDirectory, 'blk_30_1001.meta'), join(finalizedDirectory, 'blk_30_1001.meta'))
    renameSync(join(finalizedDirectory, 'blk_31_1001.meta'), join(rbwDirectory, 'blk_31_1001.meta'))
    const again = await reopen(storage, dir)
    for (const [blockId, length] of [
      [30n, 800],
      [31n, 900],
    ] as const) {
      const replica = again.store.require({ blockId, generationStamp: 1001n })
      assert.equal(replica.state, 'FINALIZED')
      assertIntact(again.store, replica, length)
    }
    assert.deepEqual(readdirSync(rbwDirectory), [])
    await again.storage.close()
  })

  test('drops unfinished copies', async () => {
    const { dir, storage, store } = await start()
    write(store.createTemporary(newReplica(40n)), 0, 100)
    const again = await reopen(storage, dir)
    assert.equal(again.store.count, 0)
    assert.deepEqual(readdirSync(join(dir, 'current', pool.blockPoolId, 'tmp')), [])
    await again.storage.close()
  })

  test('is refused while somebody holds it, and when it belongs to another cluster', async () => {
    const { dir, storage } = await start()
    assert.throws(() => storageOf([dir]), { code: 'ERR_DN_DIRECTORY_LOCKED' })
    const other = freshDirectory()
    writeFileSync(
      join(other, 'in_use.lock'),
      readFileSync(join(dir, 'in_use.lock'), 'utf8').replace(/^\d+/, '1'),
    )
    assert.throws(() => storageOf([other]), { code: 'ERR_DN_DIRECTORY_LOCKED' })
    await storage.close()
    const again = storageOf([dir])
    await assert.rejects(again.openPool({ ...pool, clusterId: 'CID-other' }), {
      code: 'ERR_DN_STORAGE_IDENTITY',
    })
    await again.close()
  })
})
