import { after, before, test } from 'node:test'
import { connect } from '@cairn/hdfs-client'
import { clientSuite, runCase } from '@cairn/hdfs-client/testing'
import type { Cluster } from './cluster.ts'
import { startCluster } from './start-cluster.ts'

let cluster: Cluster
before(async () => {
  cluster = await startCluster({ datanodes: 1, memory: true })
})
after(() => cluster.close())

for (const suiteCase of clientSuite) {
  test(`embedded cluster: ${suiteCase.name}`, () =>
    runCase(suiteCase, (user) => connect(cluster.url, user === undefined ? {} : { user })))
}
