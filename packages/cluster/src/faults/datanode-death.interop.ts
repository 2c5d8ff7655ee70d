import { test } from 'node:test'
import { readOver, withDeaths, writeCases, writeOver } from './test-support/datanode-death.ts'

for (const blow of ['SIGKILL', 'SIGSTOP'] as const) {
  for (const replication of [3, 2]) {
    test(`a read of ${replication} replicas goes on when DataNodes get ${blow}`, () =>
      withDeaths((deaths) => readOver(deaths, replication, blow)))
  }
}

for (const [phase, cases] of Object.entries(writeCases)) {
  test(`a write goes on without a DataNode of its pipeline: ${phase}`, () =>
    withDeaths(async (deaths) => {
      for (const [index, one] of cases.entries()) await writeOver(deaths, `/${phase}-${index}`, one)
    }))
}

// A DataNode leads the recovery there [client1.recovery.1] [old.recover.1].
test('a write in Hadoop 1’s words goes on without a DataNode of its pipeline', () =>
  withDeaths(async (deaths) => {
    const cases = [writeCases.midStream![0]!, writeCases.midStream![4]!, writeCases.atTheEnd![1]!]
    for (const [index, one] of cases.entries()) await writeOver(deaths, `/hadoop-1-${index}`, one)
  }, 4))
