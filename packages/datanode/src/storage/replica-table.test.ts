import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInteger, seededRandom } from '@cairn/testkit'
import { ReplicaTable, rowLengthMax, wholeOf } from './replica-table.ts'

test('a row gives back what was put in, extremes included', () => {
  const table = new ReplicaTable()
  const rows: [bigint, bigint, number, number, boolean][] = [
    [1073741825n, 1001n, 134217728, 0, false],
    [-9223372036854775808n, 9223372036854775807n, rowLengthMax, 4095, true],
    [9223372036854775807n, 0n, 0, 7, false],
    [-1n, 4294967296n, 2 ** 31, 1, false],
    [0n, 2147483648n, 2 ** 32 + 5, 2, true],
  ]
  for (const row of rows) table.set(...row)
  for (const [blockId, generationStamp, length, owner, live] of rows) {
    assert.deepEqual(table.find(blockId), { generationStamp, length, owner, live })
  }
  assert.equal(table.find(5n), undefined)
  assert.throws(() => table.set(1n, 1n, rowLengthMax + 1, 0, false), RangeError)
})

test('a table behaves as a Map through seeded additions, changes and deletions', () => {
  const random = seededRandom(12)
  const table = new ReplicaTable()
  const model = new Map<bigint, number>()
  for (let round = 0; round < 60_000; round++) {
    const blockId = BigInt(randomInteger(random, 8_000)) * (round % 2 ? 1n : -4294967296n)
    if (randomInteger(random, 5) < 2) assert.equal(table.delete(blockId), model.delete(blockId))
    else {
      table.set(blockId, BigInt(round), round, round % 3, false)
      model.set(blockId, round)
    }
  }
  assert.equal(table.count, model.size)
  for (const [blockId, round] of model) assert.equal(table.find(blockId)?.length, round)
  const visited = new Map<bigint, number>()
  const owners = [0, 0, 0]
  for (let shard = 0; shard < table.shardCount; shard++) {
    table.visit(shard, (low, high, _stampLow, _stampHigh, length, owner) => {
      visited.set(wholeOf(low, high), length)
      owners[owner]!++
    })
  }
  assert.deepEqual(
    [...visited].sort(([a], [b]) => (a < b ? -1 : 1)),
    [...model].sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  assert.deepEqual(
    owners,
    [0, 1, 2].map((owner) => table.ownerRows(owner)),
  )
})
