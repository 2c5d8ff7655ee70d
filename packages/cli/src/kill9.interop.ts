import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { crashRounds } from './test-support/crash-run.ts'

const rounds = 60

test(`what was acknowledged is there after kill -9 (${rounds} rounds)`, { timeout: 900_000 }, async (t) => {
  // A new seed every time finds more; the one that found something is given as CAIRN_CRASH_SEED to see it again.
  const seed = Number(process.env.CAIRN_CRASH_SEED ?? randomInt(1_000_000))
  t.diagnostic(`CAIRN_CRASH_SEED=${seed}`)
  const report = await crashRounds(rounds, seed, (text) => t.diagnostic(text))
  t.diagnostic(
    `${report.acknowledged} operations and ${report.flushed} flushes acknowledged, ${report.doubted} operations cut off`,
  )
  assert.ok(report.flushed > 0)
  assert.ok(report.acknowledged > rounds * 3)
})
