import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RemoteException } from '@cairn/hadoop-ipc'
import { applyEdit } from '../namespace/apply-edit.ts'
import { Namespace } from '../namespace/namespace.ts'
import { SimulatedCluster } from '../testing/simulated-cluster.ts'

const minute = 60_000
const fileOf = (cluster: SimulatedCluster, src: string) => cluster.call('getFileInfo', { src }).fs!
const isClosed = (cluster: SimulatedCluster, src: string): boolean =>
  cluster.call('isFileClosed', { src }).result

function classOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof RemoteException) return error.simpleClass
    throw error
  }
  return 'no exception'
}

const append = (cluster: SimulatedCluster, clientName: string) => () =>
  cluster.call('append', { src: '/f', clientName, flag: 4 })

test('a file whose writer is gone is closed after the hard limit, with what reached its DataNodes', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  const id = cluster.write('/f', 300, 2, false)
  cluster.datanodes[0]!.replicas.get(id)!.numBytes = 200
  cluster.advance(19 * minute)
  assert.equal(isClosed(cluster, '/f'), false)
  cluster.advance(2 * minute)
  assert.equal(isClosed(cluster, '/f'), true)
  assert.equal(fileOf(cluster, '/f').length, 200n, 'the length that all replicas have')
  assert.equal(cluster.core.namespace.leases.size, 0)
})

test('a writer that renews its lease keeps it', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  cluster.write('/f', 10, 1, false)
  for (let i = 0; i < 30; i++) {
    cluster.advance(minute)
    cluster.call('renewLease', { clientName: 'writer' })
  }
  assert.equal(isClosed(cluster, '/f'), false)
})

test('another client takes a file over after the soft limit, once its block is recovered', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  cluster.write('/f', 10, 1, false)
  assert.equal(classOf(append(cluster, 'other')), 'AlreadyBeingCreatedException')
  cluster.advance(minute + 3000)
  assert.equal(classOf(append(cluster, 'other')), 'RecoveryInProgressException')
  cluster.advance(10_000)
  assert.equal(isClosed(cluster, '/f'), true)
  assert.equal(classOf(append(cluster, 'other')), 'no exception')
  assert.equal(classOf(append(cluster, 'third')), 'AlreadyBeingCreatedException')
})

test('recoverLease closes an empty file at once and one with data after recovery', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  cluster.call('create', {
    src: '/empty',
    masked: { perm: 0o644 },
    clientName: 'writer',
    createFlag: 1,
    createParent: true,
    replication: 1,
    blockSize: 1_048_576n,
  })
  assert.equal(cluster.call('recoverLease', { src: '/empty', clientName: 'other' }).result, true)
  cluster.write('/f', 10, 1, false)
  assert.equal(cluster.call('recoverLease', { src: '/f', clientName: 'other' }).result, false)
  cluster.advance(10_000)
  assert.equal(cluster.call('recoverLease', { src: '/f', clientName: 'other' }).result, true)
  assert.equal(fileOf(cluster, '/f').length, 10n)
})

test('a recovery whose primary dies is given to another', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  const id = cluster.write('/f', 10, 2, false)
  for (const node of cluster.datanodes) node.recover = () => {}
  cluster.call('recoverLease', { src: '/f', clientName: 'other' })
  cluster.advance(minute)
  assert.equal(isClosed(cluster, '/f'), false)
  const primary = cluster.core.namespace.blocks.get(id)?.underConstruction?.primary
  for (const node of cluster.datanodes) {
    if (node.uuid === primary?.uuid) node.up = false
    else Reflect.deleteProperty(node, 'recover')
  }
  for (let i = 0; i < 3 && !isClosed(cluster, '/f'); i++) {
    cluster.call('recoverLease', { src: '/f', clientName: 'other' })
    cluster.advance(minute)
  }
  assert.equal(isClosed(cluster, '/f'), true)
})

test('addBlock asked again gives the same block', () => {
  const cluster = new SimulatedCluster({ datanodes: 3 })
  const src = '/f'
  const clientName = 'c'
  cluster.call('create', {
    src,
    masked: { perm: 0o644 },
    clientName,
    createFlag: 1,
    createParent: true,
    replication: 2,
    blockSize: 1_048_576n,
  })
  const first = cluster.call('addBlock', { src, clientName }).block
  const again = cluster.call('addBlock', { src, clientName }).block
  assert.deepEqual(again, first)
  for (const { id } of first.locs) {
    cluster
      .datanode(id.datanodeUuid)
      .receive(Number(first.b.blockId), 1_048_576, Number(first.b.generationStamp))
  }
  const previous = { ...first.b, numBytes: 1_048_576n }
  const second = cluster.call('addBlock', { src, clientName, previous }).block
  assert.notEqual(second.b.blockId, first.b.blockId)
  assert.equal(second.offset, 1_048_576n)
  assert.deepEqual(cluster.call('addBlock', { src, clientName, previous }).block, second)
  assert.equal(
    classOf(() => cluster.call('addBlock', { src, clientName, previous: { ...previous, blockId: 5n } })),
    'IOException',
  )
})

test('complete waits for the replicas that count', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  const clientName = 'c'
  cluster.call('create', {
    src: '/f',
    masked: { perm: 0o644 },
    clientName,
    createFlag: 1,
    createParent: true,
    replication: 1,
    blockSize: 1_048_576n,
  })
  const { b } = cluster.call('addBlock', { src: '/f', clientName }).block
  const last = { ...b, numBytes: 7n }
  assert.equal(cluster.call('complete', { src: '/f', clientName, last }).result, false)
  cluster.datanodes[0]!.receive(Number(b.blockId), 7, Number(b.generationStamp))
  assert.equal(cluster.call('complete', { src: '/f', clientName, last }).result, true)
  assert.equal(fileOf(cluster, '/f').length, 7n)
})

test('a call that must happen once and is repeated happens once', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  cluster.write('/f', 10)
  assert.equal(cluster.call('delete', { src: '/f', recursive: false }).result, true)
  const callId = cluster.lastCallId
  cluster.write('/f', 20)
  assert.equal(cluster.call('delete', { src: '/f', recursive: false }, 'root', callId).result, true)
  assert.equal(fileOf(cluster, '/f').length, 20n, 'the new file is still there')
})

test('a restarted NameNode is in safe mode until blocks are reported', () => {
  const before = new SimulatedCluster({ datanodes: 1 })
  const id = before.write('/f', 10)
  const restarted = new SimulatedCluster({ namespace: replayed(before) })
  const block = restarted.core.namespace.blocks.get(id)!
  assert.equal(restarted.core.blocks.safeMode.on, true)
  assert.equal(
    classOf(() => restarted.call('delete', { src: '/f', recursive: false })),
    'SafeModeException',
  )
  const node = restarted.addDatanode()
  assert.equal(restarted.core.blocks.safeMode.on, true, 'no block is reported yet')
  node.receive(id, 10, block.generationStamp)
  assert.equal(restarted.core.blocks.safeMode.on, false)
  assert.equal(restarted.call('delete', { src: '/f', recursive: false }).result, true)
})

test('without DataNodes there is nowhere to write to, in Java’s words', () => {
  const cluster = new SimulatedCluster()
  const clientName = 'c'
  cluster.call('create', {
    src: '/f',
    masked: { perm: 0o644 },
    clientName,
    createFlag: 1,
    createParent: true,
    replication: 1,
    blockSize: 1_048_576n,
  })
  assert.throws(() => cluster.call('addBlock', { src: '/f', clientName }), {
    javaClass: 'java.io.IOException',
    message:
      'File /f could only be written to 0 of the 1 minReplication nodes. There are 0 datanode(s) running and 0 node(s) are excluded in this operation.',
  })
})

test('a lease recovered right after a restart waits for DataNodes that may have bytes', () => {
  const before = new SimulatedCluster({ datanodes: 1 })
  const id = before.write('/f', 10, 1, false)
  const restarted = new SimulatedCluster({ namespace: replayed(before) })
  const recover = (): boolean => restarted.call('recoverLease', { src: '/f', clientName: 'other' }).result
  assert.equal(recover(), false)
  assert.equal(restarted.core.namespace.blocks.size, 1, 'the block is kept')
  const node = restarted.addDatanode()
  node.receive(id, 10, restarted.core.namespace.blocks.get(id)!.generationStamp)
  for (let i = 0; i < 5 && !recover(); i++) restarted.advance(3000)
  assert.equal(fileOf(restarted, '/f').length, 10n)
})

test('asking for recovery again does not begin it again', () => {
  const cluster = new SimulatedCluster({ datanodes: 1 })
  cluster.write('/f', 10, 1, false)
  const stamps = new Set<number>()
  for (let i = 0; i < 5; i++) {
    cluster.call('recoverLease', { src: '/f', clientName: 'other' })
    stamps.add(cluster.core.namespace.generationStamp)
  }
  assert.equal(stamps.size, 1)
})

function replayed(cluster: SimulatedCluster): Namespace {
  const namespace = new Namespace(cluster.core.namespace.identity, 'root', 'supergroup')
  for (const op of cluster.journal.ops) applyEdit(namespace, op)
  return namespace
}
