import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyWaitMs, startingWaitMs } from './retry-wait.ts'

const waits = [0, 1, 2, 3, 4, 5, 6, 7, 8]

test('a NameNode that starts is asked at least twice a second', () => {
  const middle = waits.map((count) => startingWaitMs(count, () => 0.5))
  assert.deepEqual(middle, [50, 100, 200, 400, 500, 500, 500, 500, 500])
  for (const count of waits) assert.ok(startingWaitMs(count, () => 0.999) <= 500)
})

test('a busy NameNode is given up to 5 s', () => {
  const middle = waits.map((count) => busyWaitMs(count, () => 0.5))
  assert.deepEqual(middle, [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  assert.equal(
    busyWaitMs(2, () => 0),
    100,
  )
})
