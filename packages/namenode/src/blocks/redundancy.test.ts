import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInteger } from '@cairn/testkit'
import { SimulatedCluster } from '../testing/simulated-cluster.ts'

const minute = 60_000
const deadAfter = 11 * minute

test('a block whose DataNode dies is copied to another', () => {
  const cluster = new SimulatedCluster({ datanodes: 3 })
  const id = cluster.write('/f', 100, 2)
  assert.equal(cluster.holders(id).length, 2)
  cluster.holders(id)[0]!.up = false
  cluster.advance(deadAfter)
  assert.equal(cluster.core.datanodes.deadCount, 1)
  assert.equal(cluster.holders(id).length, 2)
  assert.equal(cluster.core.blocks.low.lowCount, 0)
})

test('a DataNode that comes back makes a replica too many, which goes', () => {
  const cluster = new SimulatedCluster({ datanodes: 3 })
  const id = cluster.write('/f', 100, 2)
  const lost = cluster.holders(id)[0]!
  lost.up = false
  cluster.advance(deadAfter)
  lost.up = true
  cluster.advance(minute)
  assert.equal(cluster.core.datanodes.deadCount, 0)
  assert.equal(cluster.holders(id).length, 2)
  assert.equal(cluster.core.blocks.excess.size, 0)
})

test('setReplication adds and removes replicas', () => {
  const cluster = new SimulatedCluster({ datanodes: 4 })
  const id = cluster.write('/f', 100, 1)
  assert.ok(cluster.call('setReplication', { src: '/f', replication: 3 }).result)
  cluster.advance(minute)
  assert.equal(cluster.holders(id).length, 3)
  cluster.call('setReplication', { src: '/f', replication: 1 })
  cluster.advance(minute)
  assert.equal(cluster.holders(id).length, 1)
})

test('a corrupt replica is replaced by a copy of a good one', () => {
  const cluster = new SimulatedCluster({ datanodes: 3 })
  const id = cluster.write('/f', 100, 2)
  const bad = cluster.holders(id)[0]!
  bad.replicas.get(id)!.corrupt = true
  const located = cluster.call('getBlockLocations', { src: '/f', offset: 0n, length: 100n }).locations!
    .blocks[0]!
  const index = located.locs.findIndex((node) => node.id.datanodeUuid === bad.uuid)
  cluster.call('reportBadBlocks', {
    blocks: [{ ...located, locs: [located.locs[index]!], storageIDs: [located.storageIDs[index]!] }],
  })
  const after = cluster.call('getBlockLocations', { src: '/f', offset: 0n, length: 100n }).locations!
    .blocks[0]!
  assert.equal(after.locs.length, 1, 'readers are no longer sent to it')
  cluster.advance(minute)
  assert.equal(cluster.holders(id).filter((node) => !node.replicas.get(id)!.corrupt).length, 2)
  assert.equal(cluster.core.blocks.corrupt.size, 0)
})

test('the only replica is kept and offered even when it is corrupt', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  const id = cluster.write('/f', 100, 1)
  const located = cluster.call('getBlockLocations', { src: '/f', offset: 0n, length: 100n }).locations!
    .blocks[0]!
  cluster.call('reportBadBlocks', { blocks: [located] })
  cluster.advance(minute)
  assert.equal(cluster.holders(id).length, 1)
  const after = cluster.call('getBlockLocations', { src: '/f', offset: 0n, length: 100n }).locations!
    .blocks[0]!
  assert.equal(after.corrupt, true)
  assert.equal(after.locs.length, 1)
  assert.deepEqual(cluster.call('listCorruptFileBlocks', { path: '/' }).corrupt.files, ['/f'])
})

test('replicas of deleted files, of unknown blocks and of old generations are deleted', () => {
  const cluster = new SimulatedCluster({ datanodes: 2 })
  const id = cluster.write('/f', 100, 2)
  const [first] = cluster.datanodes
  first!.replicas.set(4711, { numBytes: 1, generationStamp: 1, corrupt: false })
  first!.fullReport()
  cluster.call('delete', { src: '/f', recursive: false })
  cluster.advance(minute)
  assert.equal(cluster.holders(id).length, 0)
  assert.equal(first!.replicas.size, 0)
})

test('a replica with the wrong length is corrupt', () => {
  const cluster = new SimulatedCluster({ datanodes: 3 })
  const id = cluster.write('/f', 100, 2)
  const [bad] = cluster.holders(id)
  bad!.replicas.get(id)!.numBytes = 50
  bad!.fullReport()
  cluster.advance(minute)
  const lengths = cluster.holders(id).map((node) => node.replicas.get(id)!.numBytes)
  assert.deepEqual(lengths, [100, 100])
})

test('a copy that never arrives is ordered again after the timeout', () => {
  const cluster = new SimulatedCluster({ datanodes: 2, settings: { transferTimeoutMs: minute } })
  const id = cluster.write('/f', 100, 1)
  const target = cluster.datanodes.find((node) => !node.replicas.has(id))!
  const receive = target.receive
  target.receive = () => {}
  cluster.call('setReplication', { src: '/f', replication: 2 })
  cluster.advance(minute / 2)
  assert.equal(cluster.core.blocks.pending.size, 1)
  target.receive = receive
  cluster.advance(2 * minute)
  assert.equal(cluster.holders(id).length, 2)
  assert.equal(cluster.core.blocks.pending.size, 0)
})

test('after any storm of deaths, returns, writes and deletes the replica counts come right', () => {
  for (let seed = 1; seed <= 15; seed++) {
    const cluster = new SimulatedCluster({ seed, datanodes: 5 })
    const files = new Map<string, { id: number; replication: number }>()
    for (let step = 0; step < 120; step++) storm(cluster, files, step)
    for (const node of cluster.datanodes) node.up = true
    cluster.advance(20 * minute)
    for (const [path, { id, replication }] of files) {
      assert.equal(cluster.holders(id).length, replication, `seed ${seed}: replicas of ${path}`)
    }
    const stored = cluster.datanodes.reduce((sum, node) => sum + node.replicas.size, 0)
    const wanted = [...files.values()].reduce((sum, file) => sum + file.replication, 0)
    assert.equal(stored, wanted, `seed ${seed}: no garbage is left`)
    const { low, pending, excess, corrupt } = cluster.core.blocks
    assert.deepEqual(
      [low.lowCount, low.missingCount, pending.size, excess.size, corrupt.size],
      [0, 0, 0, 0, 0],
    )
  }
})

function storm(
  cluster: SimulatedCluster,
  files: Map<string, { id: number; replication: number }>,
  step: number,
): void {
  const { random } = cluster
  const dice = random()
  const paths = [...files.keys()]
  const path = paths[randomInteger(random, Math.max(paths.length, 1))]
  if (dice < 0.35) {
    const replication = 1 + randomInteger(random, 3)
    const down = cluster.datanodes.filter((node) => !node.up)
    // A write through a dead DataNode that the NameNode believes in would need a client's pipeline recovery.
    if (down.length === 0)
      files.set(`/f${step}`, { id: cluster.write(`/f${step}`, 10, replication), replication })
  } else if (dice < 0.45 && path !== undefined) {
    cluster.call('delete', { src: path, recursive: false })
    files.delete(path)
  } else if (dice < 0.6 && path !== undefined) {
    const replication = 1 + randomInteger(random, 4)
    cluster.call('setReplication', { src: path, replication })
    files.get(path)!.replication = replication
  } else if (dice < 0.7) {
    cluster.datanodes[randomInteger(random, 5)]!.up = false
  } else if (dice < 0.85) {
    cluster.datanodes[randomInteger(random, 5)]!.up = true
  } else {
    cluster.advance(randomInteger(random, 14 * minute))
  }
}
