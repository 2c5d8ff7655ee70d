import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HeartbeatResponseProto, RegisterDatanodeResponseProto } from '@cairn/hadoop-proto'
import { SimulatedCluster, SimulatedDatanode } from '../testing/simulated-cluster.ts'

const noReports = { reports: [], slowPeers: [], slowDisks: [] }

test('a DataNode that is not known is told to register', () => {
  const cluster = new SimulatedCluster()
  const { registration } = new SimulatedDatanode(cluster, 7)
  const answer = cluster.datanodeCall('sendHeartbeat', {
    registration,
    ...noReports,
  }) as HeartbeatResponseProto
  assert.ok(answer.cmds[0]?.registerCmd)
  assert.throws(
    () => cluster.datanodeCall('blockReceivedAndDeleted', { registration, blockPoolId: '', blocks: [] }),
    {
      javaClass: 'java.io.IOException',
      message: 'Got command from unregistered or dead node 127.0.0.1:9007',
    },
  )
})

test('a DataNode of another namespace does not get in', () => {
  const cluster = new SimulatedCluster()
  const { registration } = new SimulatedDatanode(cluster, 0)
  const foreign = { ...registration, storageInfo: { ...registration.storageInfo, namespceID: 43 } }
  assert.throws(() => cluster.datanodeCall('registerDatanode', { registration: foreign }), {
    javaClass: 'org.apache.hadoop.hdfs.protocol.UnregisteredNodeException',
  })
  assert.equal(cluster.core.datanodes.liveCount, 0)
})

test('a DataNode is known by the address that it calls from', () => {
  const cluster = new SimulatedCluster()
  const { registration } = new SimulatedDatanode(cluster, 0)
  registration.datanodeID.ipAddr = '10.1.2.3'
  const answer = cluster.datanodeCall('registerDatanode', { registration }) as RegisterDatanodeResponseProto
  assert.equal(answer.registration.datanodeID.ipAddr, '127.0.0.1')
})

test('a new DataNode at an old one’s address takes its place, without its replicas', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  const id = cluster.write('/f', 10, 2)
  const { registration } = cluster.datanodes[0]!
  cluster.datanodes[0]!.up = false
  const renamed = { ...registration, datanodeID: { ...registration.datanodeID, datanodeUuid: 'fresh' } }
  cluster.datanodeCall('registerDatanode', { registration: renamed })
  assert.equal(cluster.core.datanodes.liveCount, 2)
  assert.equal(cluster.core.namespace.blocks.get(id)?.replicas.length, 1)
})

test('a report lease is given when it is asked for', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  const { registration } = cluster.datanodes[0]!
  const ask = (requestFullBlockReportLease: boolean) =>
    cluster.datanodeCall('sendHeartbeat', {
      registration,
      ...noReports,
      requestFullBlockReportLease,
    }) as HeartbeatResponseProto
  assert.equal(ask(false).fullBlockReportLeaseId, 0n)
  assert.notEqual(ask(true).fullBlockReportLeaseId, 0n)
})

test('a volume that failed takes its replicas with it', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  const id = cluster.write('/f', 10, 2)
  const [node] = cluster.datanodes
  cluster.datanodeCall('sendHeartbeat', {
    ...noReports,
    registration: node!.registration,
    reports: [{ storageUuid: 'DS-0', storage: node!.storage, failed: true }],
  })
  assert.equal(cluster.core.namespace.blocks.get(id)?.replicas.length, 1)
})

test('a fatal disk error ends a DataNode at once', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  cluster.datanodeCall('errorReport', {
    registartion: cluster.datanodes[0]!.registration,
    errorCode: 3,
    msg: 'gone',
  })
  assert.equal(cluster.core.datanodes.liveCount, 1)
})
