import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../logger.ts'
import { CacheReports } from './cache-reports.ts'

test('a cache report goes with the first heartbeat and then once an interval, ids unsigned', async () => {
  const sent: bigint[][] = []
  const commands: unknown[] = []
  let fail = false
  const reports = new CacheReports({
    logger: silentLogger,
    source: { intervalMs: 3_600_000, blocks: () => [5n, -2n] },
    send: async (blocks) => {
      sent.push(blocks)
      if (fail) throw new Error('away')
      return { cmdType: 1 }
    },
    command: (command) => commands.push(command),
  })
  const turn = () => new Promise(setImmediate)
  reports.heartbeat()
  reports.heartbeat()
  await turn()
  reports.heartbeat()
  assert.deepEqual(sent, [[5n, 2n ** 64n - 2n]])
  assert.equal(commands.length, 1)
  reports.begin()
  fail = true
  reports.heartbeat()
  await turn()
  assert.equal(sent.length, 2)
})
