import { after, before, describe, test } from 'node:test'
import { clientSuite, runCase } from '@cairn/hdfs-client/testing'
import { type Cluster, type ClusterOptions, startCluster } from './index.ts'

/** The client's whole suite, which real Apache Hadoop passes, against the embedded cluster. */
function againstCluster(
  name: string,
  options: ClusterOptions,
  { rpcVersion, spoken }: { rpcVersion?: number; spoken?: string } = {},
): void {
  describe(`the client's suite against a cluster ${name}`, () => {
    let cluster: Cluster
    before(async () => {
      cluster = await startCluster(options)
    })
    after(() => cluster?.close())

    for (const suiteCase of clientSuite) {
      test(suiteCase.name, () =>
        runCase(suiteCase, (user) => cluster.connect({ user, rpcVersion }), undefined, spoken),
      )
    }
  })
}

againstCluster('in memory', { datanodes: 3 })
againstCluster("in Hadoop 1's words", { datanodes: 2, rpc: [4, 9] }, { rpcVersion: 4, spoken: '1.2.1' })
