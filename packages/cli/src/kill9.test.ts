import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashRounds } from './test-support/crash-run.ts'

test('what was acknowledged is there after kill -9 (a few rounds)', async (t) => {
  const report = await crashRounds(4, 20_261_121, (text) => t.diagnostic(text))
  assert.ok(report.flushed > 0)
  assert.ok(report.acknowledged > 20)
})
