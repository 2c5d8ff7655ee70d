import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInteger, seededRandom } from '@cairn/testkit'
import { IdTable } from './id-table.ts'

test('IdTable agrees with a Map over random changes, negative ids included', () => {
  const random = seededRandom(3)
  const table = new IdTable<number>()
  const map = new Map<number, number>()
  for (let step = 0; step < 20_000; step++) {
    const id = randomInteger(random, 6000) - 1000
    if (random() < 0.6) {
      table.set(id, step)
      map.set(id, step)
    } else {
      table.delete(id)
      map.delete(id)
    }
    assert.equal(table.get(id), map.get(id))
    assert.equal(table.size, map.size)
  }
  assert.deepEqual([...table.values()].sort(), [...map.values()].sort())
  for (const id of map.keys()) table.delete(id)
  assert.equal(table.size, 0)
  assert.deepEqual([...table.values()], [])
})
