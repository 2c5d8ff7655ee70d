import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
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
import { until } from '../testing/until.ts'
import { DataStorage, type DataStorageOptions } from './data-storage.ts'
import { moveReplica } from './move-replica.ts'
import type { Replica } from './replica.ts'
import type { ReplicaStore } from './replica-store.ts'
import type { VolumeFailure } from './volume-failures.ts'

const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }
const root = mkdtempSync(join(tmpdir(), 'cairn-volumes-'))
after(() => rmSync(root, { recursive: true, force: true }))

interface Bench {
  readonly storage: DataStorage
  readonly lost: bigint[]
  readonly failed: { failure: VolumeFailure; enough: boolean }[]
}

function freshDirectory(): string {
  return mkdtempSync(join(root, 'd-'))
}

function bench(dirs: string[], options: Partial<DataStorageOptions> = {}): Bench {
  const lost: bigint[] = []
  const failed: Bench['failed'] = []
  const storage = new DataStorage({
    dirs,
    logger: silentLogger,
    now: Date.now,
    newUuid: randomUUID,
    diskCheckMinGapMs: 0,
    events: {
      replicaLost: (_pool, replica) => lost.push(replica.blockId),
      volumeFailed: (failure, enough) => failed.push({ failure, enough }),
    },
    ...options,
  })
  return { storage, lost, failed }
}

/** A complete block of the pattern. */
function addBlock(store: ReplicaStore, blockId: bigint, length = 5000, storageType?: number): Replica {
  const checksum = { type: 'CRC32C', bytesPerChecksum: 512 } as const
  const named = { blockId, generationStamp: 1001n, expectedBytes: length, storageType, checksum }
  const writer = store.createRbw(named)
  const data = patternBytes(length)
  const checksums = new Uint8Array(Math.ceil(length / 512) * 4)
  kernel.compute('CRC32C', data, 512, checksums)
  writer.add({ offsetInBlock: 0, data, checksums })
  writer.flush()
  store.finalize(writer.replica)
  writer.close()
  return writer.replica
}

function contentOf(replica: Replica): Uint8Array {
  const file = replica.slice.open(replica, 'read')
  const data = new Uint8Array(replica.length)
  assert.equal(file.readSync('data', data, 0), replica.length)
  file.close()
  return data
}

function filesOf(dir: string, replica: Replica): string[] {
  const folder = join(dir, 'current', pool.blockPoolId, 'current/finalized/subdir0/subdir0')
  const { blockId, generationStamp } = replica
  return [join(folder, `blk_${blockId}`), join(folder, `blk_${blockId}_${generationStamp}.meta`)]
}

describe('a disk that fails', () => {
  test('is dropped with its replicas, its writers are stopped, and the others serve on', async () => {
    const dirs = [freshDirectory(), freshDirectory()]
    const { storage, lost, failed } = bench(dirs, { failedVolumesTolerated: 1 })
    const store = await storage.openPool(pool)
    const replicas = [1n, 2n, 3n, 4n].map((blockId) => addBlock(store, blockId))
    const open = store.createRbw({
      blockId: 5n,
      generationStamp: 1n,
      expectedBytes: 10,
      storageType: undefined,
      checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
    })
    const bad = open.replica.slice.volume
    let stopped = ''
    open.replica.work = { stop: (reason) => (stopped = reason) }
    rmSync(bad.path, { recursive: true })
    const onBad = replicas.filter((replica) => replica.slice.volume === bad)
    assert.throws(() => store.openForRead(onBad[0]!), { code: 'ERR_DN_REPLICA_CORRUPT' })
    await until('the check', 5000, () => failed.length > 0 && lost.length === 3)
    assert.deepEqual(new Set(lost), new Set([5n, ...onBad.map(({ blockId }) => blockId)]))
    assert.match(stopped, /is dropped/)
    assert.equal(failed[0]!.enough, true)
    assert.equal(failed[0]!.failure.path, bad.path)
    assert.ok(failed[0]!.failure.capacity > 0)
    assert.deepEqual(storage.failures.summary()?.failedStorageLocations, [bad.path])
    assert.equal(store.slices.length, 1)
    assert.equal(store.count, 2)
    for (const replica of replicas.filter((one) => !onBad.includes(one)))
      assert.deepEqual(contentOf(replica), patternBytes(5000))
    addBlock(store, 6n)
    await storage.close()
  })

  test('is looked at when its directory is gone, without a read or a write', async () => {
    const dirs = [freshDirectory(), freshDirectory()]
    const { storage, failed } = bench(dirs, { failedVolumesTolerated: 1 })
    await storage.openPool(pool)
    renameSync(dirs[1]!, `${dirs[1]}-away`)
    mkdirSync(dirs[1]!)
    await until('the check', 5000, () => {
      for (const volume of storage.volumes) volume.space()
      return failed.length > 0
    })
    assert.match(failed[0]!.failure.reason, /another directory|no such file/)
    await storage.close()
  })

  test('ends the node when none may fail, and when none is left', async () => {
    for (const failedVolumesTolerated of [0, -1]) {
      const dirs = [freshDirectory(), freshDirectory()]
      const { storage, failed } = bench(dirs, { failedVolumesTolerated })
      await storage.openPool(pool)
      for (const dir of dirs) rmSync(join(dir, 'current'), { recursive: true })
      for (const volume of storage.volumes) await storage.checker.check(volume)
      const enough = failed.map((entry) => entry.enough)
      assert.deepEqual(enough, failedVolumesTolerated === 0 ? [false, false] : [true, false])
      await storage.close()
    }
  })

  test('one that does not answer has failed', async () => {
    const { storage, failed } = bench([freshDirectory(), freshDirectory()], {
      failedVolumesTolerated: 1,
      diskCheckTimeoutMs: 10,
    })
    const [volume] = storage.volumes
    volume!.check = () => new Promise(() => {})
    assert.equal(await storage.checker.check(volume!), false)
    assert.match(failed[0]!.failure.reason, /no answer within 10 ms/)
    await storage.close()
  })

  test('an error that says nothing against the disk is not looked into, and others not more often than allowed', async () => {
    const { storage } = bench([freshDirectory()], { diskCheckMinGapMs: 3_600_000 })
    const [volume] = storage.volumes
    let checks = 0
    volume!.check = async () => void checks++
    storage.checker.suspect(volume!, Object.assign(new Error('full'), { code: 'ENOSPC' }))
    assert.equal(checks, 0)
    const broken = Object.assign(new Error('broken'), { code: 'EIO' })
    storage.checker.suspect(volume!, broken)
    storage.checker.suspect(volume!, broken)
    await until('the check to end', 1000, () => checks === 1)
    storage.checker.suspect(volume!, broken)
    assert.equal(checks, 1)
    await storage.close()
  })
})

describe('a start with a bad directory', () => {
  const badDirectory = (): string => {
    const path = join(freshDirectory(), 'file')
    writeFileSync(path, '')
    return path
  }

  test('goes on when it is tolerated, and tells of it', async () => {
    const bad = badDirectory()
    const { storage } = bench([bad, freshDirectory()], { failedVolumesTolerated: 1 })
    assert.equal(storage.volumes.length, 1)
    assert.deepEqual(storage.failures.summary()?.failedStorageLocations, [bad])
    const store = await storage.openPool(pool)
    addBlock(store, 1n)
    await storage.close()
  })

  test('is refused otherwise, with the reasons', () => {
    const bad = badDirectory()
    const good = freshDirectory()
    const refused = { code: 'ERR_DN_VOLUMES_FAILED', message: new RegExp(bad) }
    assert.throws(() => bench([bad, good]), refused)
    assert.throws(() => bench([bad], { failedVolumesTolerated: -1 }), refused)
    assert.throws(() => bench([bad, badDirectory(), good], { failedVolumesTolerated: 1 }), refused)
    for (const failedVolumesTolerated of [-2, 2, 0.5])
      assert.throws(() => bench([good, freshDirectory()], { failedVolumesTolerated }), /-1 to 1 are allowed/)
    // What was locked is free again.
    void bench([good]).storage.close()
  })

  test('[disk.id.2] takes a damaged VERSION for a bad disk, and another node, cluster or layout for a mistake', async () => {
    const dirs = [freshDirectory(), freshDirectory()]
    const first = bench(dirs)
    await first.storage.openPool(pool)
    await first.storage.close()
    const version = join(dirs[1]!, 'current/VERSION')
    const text = readFileSync(version, 'latin1')
    const spoilt = (from: RegExp, to: string) => writeFileSync(version, text.replace(from, to))
    spoilt(/storageID=.*/, '')
    const second = bench(dirs, { failedVolumesTolerated: 1 })
    assert.match(second.storage.failures.list[0]!.reason, /current\/VERSION: .*found no storageID/)
    await second.storage.close()
    spoilt(/datanodeUuid=.*/, 'datanodeUuid=other')
    assert.throws(() => bench(dirs, { failedVolumesTolerated: 1 }), {
      code: 'ERR_DN_STORAGE_IDENTITY',
      message: /different DataNodes \(.*, other\)/,
    })
    spoilt(/layoutVersion=.*/, 'layoutVersion=-54')
    assert.throws(() => bench(dirs, { failedVolumesTolerated: 1 }), {
      code: 'ERR_DN_STORAGE_LAYOUT',
      message: /layoutVersion -54/,
    })
    spoilt(/clusterID=.*/, 'clusterID=CID-else')
    const third = bench(dirs, { failedVolumesTolerated: 1 })
    await assert.rejects(third.storage.openPool(pool), {
      code: 'ERR_DN_STORAGE_IDENTITY',
      message: /found clusterID CID-else; .* CID-test/,
    })
    await third.storage.close()
  })

  test('refuses a block pool that is newer than the NameNode, and one that no upgrade can have left', async () => {
    const dir = freshDirectory()
    const first = bench([dir])
    await first.storage.openPool({ ...pool, cTime: 5n })
    await first.storage.close()
    const second = bench([dir])
    await assert.rejects(second.storage.openPool(pool), {
      code: 'ERR_DN_STORAGE_IDENTITY',
      message: /cTime 5, newer than the NameNode's 1/,
    })
    for (const name of ['previous', 'previous.tmp']) mkdirSync(join(dir, 'current', pool.blockPoolId, name))
    await assert.rejects(second.storage.openPool({ ...pool, cTime: 5n }), { code: 'ERR_DN_STORAGE_LAYOUT' })
    await second.storage.close()
  })
})

describe('volumes of a running node', () => {
  test('come and go with what is on them', async () => {
    const [a, b, c] = [freshDirectory(), freshDirectory(), freshDirectory()]
    const { storage, lost } = bench([a, b])
    const store = await storage.openPool(pool)
    const replicas = [1n, 2n, 3n, 4n].map((blockId) => addBlock(store, blockId))
    const onB = replicas.filter(({ slice }) => slice.volume.path === b).map(({ blockId }) => blockId)
    const { added, removed } = await storage.refreshVolumes([a, `[SSD]${c}`])
    assert.deepEqual([added.map(({ path }) => path), removed.map(({ path }) => path)], [[c], [b]])
    assert.deepEqual(lost.sort(), onB)
    assert.equal(store.count, 2)
    assert.equal(addBlock(store, 9n, 100, 2).slice.volume.path, c)
    await storage.refreshVolumes([a, b, `[SSD]${c}`])
    assert.equal(store.count, 5)
    for (const blockId of onB) assert.deepEqual(contentOf(store.find(blockId)!), patternBytes(5000))
    await assert.rejects(storage.refreshVolumes([`[ARCHIVE]${a}`]), /keeps its type/)
    await assert.rejects(storage.refreshVolumes([]), /at least one/)
    await storage.close()
  })

  test('a disk that had failed is taken in again', async () => {
    const dirs = [freshDirectory(), freshDirectory()]
    const { storage, failed } = bench(dirs, { failedVolumesTolerated: 1 })
    const store = await storage.openPool(pool)
    const replicas = [1n, 2n].map((blockId) => addBlock(store, blockId))
    renameSync(join(dirs[0]!, 'current'), join(dirs[0]!, 'away'))
    for (const volume of storage.volumes) await storage.checker.check(volume)
    assert.equal(failed.length, 1)
    await assert.rejects(storage.refreshVolumes([dirs[1]!, dirs[0]!, join(dirs[1]!, 'current/VERSION')]), {
      code: 'ERR_DN_VOLUMES_FAILED',
    })
    await storage.refreshVolumes([dirs[1]!])
    assert.equal(storage.failures.count, 0)
    rmSync(join(dirs[0]!, 'current'), { recursive: true, force: true })
    renameSync(join(dirs[0]!, 'away'), join(dirs[0]!, 'current'))
    await storage.refreshVolumes(dirs)
    assert.equal(store.count, 2)
    for (const { blockId } of replicas) assert.deepEqual(contentOf(store.find(blockId)!), patternBytes(5000))
    await storage.close()
  })
})

describe('a move between volumes', () => {
  const twoDisks = async (length = 3_000_001) => {
    const dirs = [freshDirectory(), freshDirectory()]
    const { storage } = bench(dirs)
    const store = await storage.openPool(pool)
    const replica = addBlock(store, 7n, length)
    const target = store.slices.find((slice) => slice !== replica.slice)!
    return { dirs, storage, store, replica, source: replica.slice, target }
  }

  test('takes both files over and accounts for them; readers of the old ones read on', async () => {
    const { storage, store, replica, source, target } = await twoDisks()
    const used = source.usedBytes
    const reader = store.openForRead(replica)
    await moveReplica(store, replica, target)
    assert.equal(replica.slice, target)
    assert.equal(store.find(7n), replica)
    assert.deepEqual([source.usedBytes, target.usedBytes], [0, used])
    assert.equal(target.volume.reservedBytes, 0)
    for (const path of filesOf(source.volume.path, replica)) assert.equal(existsSync(path), false)
    assert.deepEqual(contentOf(replica), patternBytes(3_000_001))
    const tail = new Uint8Array(10)
    reader.readSync('data', tail, 2_999_991)
    assert.deepEqual(tail, patternBytes(10, 2_999_991))
    reader.close()
    await storage.close()
  })

  test('leaves a damaged replica where it is', async () => {
    const { storage, store, replica, source, target } = await twoDisks()
    const [data] = filesOf(source.volume.path, replica)
    const bytes = readFileSync(data!)
    bytes[2_500_000]! ^= 1
    writeFileSync(data!, bytes)
    await assert.rejects(moveReplica(store, replica, target), { code: 'ERR_DN_REPLICA_CORRUPT' })
    assert.equal(replica.slice, source)
    assert.equal(target.usedBytes, 0)
    await storage.close()
  })

  test('gives up when the replica is written or deleted meanwhile, or when it is told to', async () => {
    for (const disturb of ['append', 'delete', 'abort'] as const) {
      const { storage, store, replica, source, target } = await twoDisks()
      const aborter = new AbortController()
      let pieces = 0
      const throttle = {
        take: async (): Promise<void> => {
          if (pieces++ !== 1) return
          if (disturb === 'append') store.append(replica, 1002n, replica.length).close()
          else if (disturb === 'delete') await store.invalidate(replica)
          else aborter.abort(new Error('enough'))
        },
      }
      await assert.rejects(moveReplica(store, replica, target, { throttle, signal: aborter.signal }))
      assert.equal(replica.slice, source)
      assert.deepEqual([target.usedBytes, target.volume.reservedBytes], [0, 0])
      assert.equal(store.count, disturb === 'delete' ? 0 : 1)
      await storage.close()
    }
  })

  test('a kill at its end leaves two replicas, of which one goes; one in the middle leaves the old one', async () => {
    const { dirs, storage, store, replica, source, target } = await twoDisks(10_000)
    const old = filesOf(source.volume.path, replica)
    const kept = old.map((path) => readFileSync(path))
    await moveReplica(store, replica, target)
    await storage.close()
    old.forEach((path, index) => {
      writeFileSync(path, kept[index]!)
    })
    const tmp = join(target.volume.path, 'current', pool.blockPoolId, 'tmp')
    writeFileSync(join(tmp, 'blk_8'), 'half a copy')
    for (const dir of dirs)
      rmSync(join(dir, 'current', pool.blockPoolId, 'current/replicas'), { force: true })
    const again = bench(dirs)
    const reopened = await again.storage.openPool(pool)
    assert.equal(reopened.count, 1)
    const found = reopened.find(7n)!
    assert.deepEqual(contentOf(found), patternBytes(10_000))
    const elsewhere = found.slice.volume.path === dirs[0] ? dirs[1]! : dirs[0]!
    await until('one replica to go', 5000, () => filesOf(elsewhere, found).every((path) => !existsSync(path)))
    assert.equal(existsSync(join(tmp, 'blk_8')), false)
    await again.storage.close()
  })
})

test('[disk.id.1] a directory that was copied away and back keeps its identity', async () => {
  const dir = freshDirectory()
  const first = bench([dir])
  const store = await first.storage.openPool(pool)
  addBlock(store, 1n)
  const { datanodeUuid } = first.storage
  await first.storage.close()
  const copy = join(root, 'copy')
  cpSync(dir, copy, { recursive: true })
  const second = bench([copy])
  assert.equal((await second.storage.openPool(pool)).count, 1)
  assert.equal(second.storage.datanodeUuid, datanodeUuid)
  await second.storage.close()
})

test('a directory that is another one but holds the same volume is no failed disk', async () => {
  const dir = freshDirectory()
  const { storage, failed } = bench([dir])
  const store = await storage.openPool(pool)
  const replica = addBlock(store, 1n)
  const [volume] = storage.volumes
  const before = volume!.space()
  renameSync(dir, `${dir}-away`)
  cpSync(`${dir}-away`, dir, { recursive: true })
  let checks = 0
  const { check } = volume!
  volume!.check = async () => {
    await check.call(volume)
    checks++
  }
  assert.equal(volume!.space().capacity, before.capacity)
  await until('the check', 5000, () => checks === 1)
  volume!.space()
  assert.deepEqual([failed.length, checks], [0, 1])
  assert.deepEqual(contentOf(replica), patternBytes(5000))
  await storage.close()
})

test('what is reserved is not offered, and not taken off twice where others use it', async () => {
  const dir = freshDirectory()
  const spaceWith = async (bytes: number) => {
    const { storage } = bench([dir], { reserved: { bytes } })
    const space = storage.volumes[0]!.space()
    await storage.close()
    return space
  }
  const gibi = 1024 ** 3
  const free = await spaceWith(0)
  const some = await spaceWith(gibi)
  assert.equal(some.reserved, gibi)
  assert.equal(free.capacity - some.capacity, gibi)
  const all = await spaceWith(free.capacity * 2)
  assert.deepEqual([all.capacity, all.remaining, all.nonDfsUsed], [0, 0, 0])
  // Others have that already: nothing more is kept free for them. Others write to this disk meanwhile, too.
  if (free.nonDfsUsed > 2 * gibi) assert.ok(free.remaining - some.remaining < gibi / 2)
})
