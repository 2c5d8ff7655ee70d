import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutageLog } from './outage-log.ts'

test('an outage is told at once, when its reason changes, and once a minute', () => {
  const told: number[] = []
  let nowMs = 0
  const logger = {
    debug: () => {},
    info: () => {},
    warn: (fields: object) => told.push((fields as { tries: number }).tries),
    error: () => {},
  }
  const log = new OutageLog(logger, 'nn:8020', () => nowMs)
  const refused = new Error('connection refused')
  for (; nowMs < 150_000; nowMs += 1_000) log.failed(refused)
  assert.deepEqual(told, [1, 61, 121])
  log.failed(new Error('no answer'))
  assert.deepEqual(told, [1, 61, 121, 151])
  log.over()
  log.failed(refused)
  assert.deepEqual(told, [1, 61, 121, 151, 1])
})
