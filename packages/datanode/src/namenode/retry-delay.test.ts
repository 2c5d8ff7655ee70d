import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryDelay } from './retry-delay.ts'

test('a lost NameNode is asked soon, then each second, and soon again after the next loss', () => {
  const delay = new RetryDelay(() => 0.5)
  const take = (count: number): number[] => Array.from({ length: count }, () => delay.next())
  assert.deepEqual(take(6), [100, 200, 500, 1_000, 1_000, 1_000])
  delay.reset()
  assert.deepEqual(take(2), [100, 200])
})

test('waits vary by a quarter', () => {
  assert.equal(new RetryDelay(() => 0).next(), 75)
  assert.equal(new RetryDelay(() => 1).next(), 125)
})
