import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reservedBytes } from './reserved-space.ts'
import { parseStorageLocation, storageTypeName } from './storage-location.ts'
import type { PoolSlice, VolumeSpace } from './volume.ts'
import { makeVolumeChoice } from './volume-choice.ts'

const gibi = 1024 ** 3

/** Slices that only know how much room they have. */
function slicesOf(...rooms: readonly [remaining: number, storageType?: number][]): PoolSlice[] {
  return rooms.map(([remaining, storageType = 1]) => {
    const space = { remaining } as VolumeSpace
    return { volume: { storageType, space: () => space } } as unknown as PoolSlice
  })
}

test('volumes of the wanted type take turns, each type by itself; those without room are passed over', () => {
  const slices = slicesOf([100], [5], [100], [100, 2], [100, 2])
  const choice = makeVolumeChoice()
  const chosen = (type: number | undefined, bytes = 10) => slices.indexOf(choice.choose(slices, bytes, type))
  assert.deepEqual([chosen(1), chosen(2), chosen(1), chosen(2), chosen(1), chosen(2)], [0, 3, 2, 4, 0, 3])
  assert.deepEqual(
    [1, 2, 3, 4].map(() => chosen(undefined)),
    [0, 2, 3, 4],
  )
  assert.equal(chosen(1, 101 - 1), 2)
  const full = { code: 'ERR_DN_DISK_FULL' }
  assert.throws(() => chosen(1, 101), { ...full, message: /at most 100 bytes on a volume of type DISK/ })
  assert.throws(() => chosen(3), { ...full, message: /no volume of type ARCHIVE/ })
  const careful = makeVolumeChoice({ additionalAvailableBytes: 91 })
  assert.throws(() => careful.choose(slices, 10, 1), full)
})

test('available space: in turn while the volumes are about equally full, else the emptier ones by the fraction', () => {
  let random = 0
  const choice = makeVolumeChoice({ policy: 'available-space', random: () => random })
  const even = slicesOf([100 * gibi], [105 * gibi])
  const chosen = (slices: PoolSlice[], bytes = gibi) => slices.indexOf(choice.choose(slices, bytes, 1))
  assert.deepEqual([chosen(even), chosen(even), chosen(even)], [0, 1, 0])
  const uneven = slicesOf([10 * gibi], [19 * gibi], [100 * gibi], [50 * gibi])
  // Two high ones of weight 0.75 and two low ones of weight 0.25.
  random = 0.74
  const high = [chosen(uneven), chosen(uneven), chosen(uneven)]
  assert.deepEqual(high, [2, 3, 2])
  random = 0.76
  assert.deepEqual([chosen(uneven), chosen(uneven), chosen(uneven)], [0, 1, 0])
  // No low one has the room.
  assert.equal(chosen(uneven, 30 * gibi), 3)
  const narrow = makeVolumeChoice({
    policy: 'available-space',
    balancedSpaceThresholdBytes: gibi,
    random: () => 0,
  })
  assert.equal(even.indexOf(narrow.choose(even, 1, 1)), 1)
  assert.throws(() => chosen(uneven, 101 * gibi), { code: 'ERR_DN_DISK_FULL' })
})

test('a directory is read with its storage type', () => {
  assert.deepEqual(parseStorageLocation('/data/1'), { path: '/data/1', storageType: 1 })
  assert.deepEqual(parseStorageLocation(' [ssd]file:///data/2'), { path: '/data/2', storageType: 2 })
  assert.deepEqual(parseStorageLocation('[RAM_DISK]/r'), { path: '/r', storageType: 4 })
  assert.deepEqual(parseStorageLocation('[NVDIMM]/n'), { path: '/n', storageType: 6 })
  assert.equal(storageTypeName(3), 'ARCHIVE')
  for (const bad of ['[TAPE]/x', '[PROVIDED]/x']) {
    assert.throws(() => parseStorageLocation(bad), /DISK, SSD, ARCHIVE, RAM_DISK, NVDIMM are allowed/)
  }
  assert.throws(() => parseStorageLocation('[SSD]'), /no path/)
})

test('the narrowest reserve counts, in bytes, percent, or the larger or smaller of both', () => {
  const disk = { path: '/data/1', storageType: 1 }
  const ssd = { path: '/data/2', storageType: 2 }
  const reserved = {
    bytes: 10,
    bytesOf: { ssd: 20, '/data/1': 30, '/data/2.ssd': 40 },
    percent: 1,
    percentOf: { ssd: 5 },
  }
  assert.equal(reservedBytes(reserved, disk, 1000), 30)
  assert.equal(reservedBytes(reserved, ssd, 1000), 40)
  assert.equal(reservedBytes(reserved, { path: '/data/3', storageType: 2 }, 1000), 20)
  assert.equal(reservedBytes(reserved, { path: '/data/3', storageType: 3 }, 1000), 10)
  assert.equal(reservedBytes({ ...reserved, kind: 'percentage' }, disk, 1000), 10)
  assert.equal(reservedBytes({ ...reserved, kind: 'percentage' }, ssd, 1000), 50)
  assert.equal(reservedBytes({ ...reserved, kind: 'conservative' }, ssd, 1000), 50)
  assert.equal(reservedBytes({ ...reserved, kind: 'aggressive' }, ssd, 1000), 40)
  assert.equal(reservedBytes({}, disk, 1000), 0)
})
