import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findOutliers } from './outliers.ts'
import { RollingAverages } from './rolling-averages.ts'

const limits = { resourcesMin: 5, lowThreshold: 5 }

test('a latency far above the median of all is an outlier [dnp.slow.2]', () => {
  const latencies = new Map([1, 1, 2, 2, 3, 40].map((value, index) => [`n${index}`, value] as const))
  const outliers = findOutliers(latencies, limits)
  assert.deepEqual([...outliers.keys()], ['n5'])
  assert.deepEqual(outliers.get('n5'), { latency: 40, median: 2, mad: 1.4826, upperLimit: 2 + 3 * 1.4826 })
})

test('few resources are not compared, and little latency is never slow', () => {
  const few = new Map([1, 1, 1, 900].map((value, index) => [`n${index}`, value] as const))
  assert.equal(findOutliers(few, limits).size, 0)
  const fast = new Map([0.1, 0.1, 0.1, 0.1, 4.9].map((value, index) => [`n${index}`, value] as const))
  assert.equal(findOutliers(fast, limits).size, 0)
  assert.equal(findOutliers(new Map(), { resourcesMin: 0, lowThreshold: 1 }).size, 0)
})

test('the median of an even count lies between the two in the middle', () => {
  const latencies = new Map([10, 20, 30, 400].map((value, index) => [`n${index}`, value] as const))
  const [outlier] = findOutliers(latencies, { resourcesMin: 4, lowThreshold: 0 }).values()
  assert.equal(outlier!.median, 25)
  assert.equal(outlier!.upperLimit, 75)
})

test('averages cover the last windows, and only names with enough samples', () => {
  let now = 0
  const averages = new RollingAverages(() => now, 1_000, 3)
  averages.add('a', 10)
  averages.add('a', 20)
  averages.add('b', 5)
  assert.deepEqual([...averages.averages(2)], [['a', 15]])
  now = 2_500
  averages.add('a', 90)
  assert.deepEqual(
    [...averages.averages(1)],
    [
      ['a', 40],
      ['b', 5],
    ],
  )
  now = 3_000
  assert.deepEqual([...averages.averages(1)], [['a', 90]])
  now = 60_000
  assert.deepEqual([...averages.averages(0)], [])
})
