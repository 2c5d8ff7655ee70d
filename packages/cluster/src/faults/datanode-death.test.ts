import { test } from 'node:test'
import { readOver, withDeaths, writeCases, writeOver } from './test-support/datanode-death.ts'

// All phases and places run with the interop tests; here one of each kind, on one cluster.
test('reads and writes go on when DataNodes are killed and when they hang', () =>
  withDeaths(async (deaths) => {
    await readOver(deaths, 3, 'SIGKILL')
    for (const phase of ['midStream', 'atTheEnd', 'silent']) {
      await writeOver(deaths, `/${phase}`, writeCases[phase]![1]!)
    }
    await readOver(deaths, 2, 'SIGSTOP')
  }))
