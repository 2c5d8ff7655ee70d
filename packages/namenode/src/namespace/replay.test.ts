/** What the journal holds is the namespace: replayed into a fresh one, it makes the same tree. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RemoteException } from '@cairn/hadoop-ipc'
import { randomInteger } from '@cairn/testkit'
import { SimulatedCluster } from '../testing/simulated-cluster.ts'
import { applyEdit } from './apply-edit.ts'
import type { INode } from './inode.ts'
import { Namespace } from './namespace.ts'
import { pathOf } from './path.ts'

/** Everything that must survive, as text. */
function describeTree(namespace: Namespace): string[] {
  const lines: string[] = []
  const pending: INode[] = [namespace.root]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { id, owner, group, mode, modificationTime, accessTime, features } = node
    lines.push(
      JSON.stringify([
        pathOf(node),
        id,
        owner,
        group,
        mode,
        modificationTime,
        accessTime,
        features,
        ...details(node),
      ]),
    )
    if (node.kind === 'directory') pending.push(...(node.children?.sorted() ?? []))
  }
  const { lastInodeId, lastBlockId, generationStamp, directoryCount, quotaCount } = namespace
  lines.push(JSON.stringify([lastInodeId, lastBlockId, generationStamp, directoryCount, quotaCount]))
  lines.push(
    `open ${namespace.leases.openFiles}, inodes ${namespace.inodes.size}, blocks ${namespace.blocks.size}`,
  )
  return lines
}

function details(node: INode): unknown[] {
  if (node.kind !== 'file') return [node.kind]
  const blocks = node.blocks.map((block) => [
    block.id,
    block.generationStamp,
    block.numBytes,
    block.file === node,
  ])
  return [node.replication, node.preferredBlockSize, node.underConstruction, blocks]
}

function randomCall(cluster: SimulatedCluster, step: number): void {
  const { random } = cluster
  const name = (): string =>
    `/${'abc'[randomInteger(random, 3)]}/${'xyz'[randomInteger(random, 3)]}${randomInteger(random, 4)}`
  const calls: (() => unknown)[] = [
    () => cluster.call('mkdirs', { src: name(), masked: { perm: 0o755 }, createParent: true }),
    () => cluster.write(name(), 1 + randomInteger(random, 1000)),
    () => cluster.write(name(), 1 + randomInteger(random, 1000), 1, false),
    () => cluster.call('delete', { src: name(), recursive: true }),
    () => cluster.call('rename', { src: name(), dst: name() }),
    () => cluster.call('rename2', { src: name(), dst: name(), overwriteDest: true }),
    () => cluster.call('setPermission', { src: name(), permission: { perm: randomInteger(random, 0o1000) } }),
    () => cluster.call('setOwner', { src: name(), username: `u${step % 5}`, groupname: `g${step % 3}` }),
    () => cluster.call('setTimes', { src: name(), mtime: BigInt(step), atime: 0xffff_ffff_ffff_ffffn }),
    () => cluster.call('setReplication', { src: name(), replication: 1 + randomInteger(random, 3) }),
    () => cluster.call('append', { src: name(), clientName: 'writer', flag: 4 }),
    () => cluster.call('concat', { trg: name(), srcs: [name()] }),
    () =>
      cluster.call('truncate', {
        src: name(),
        newLength: BigInt(randomInteger(random, 500)),
        clientName: 'writer',
      }),
    () => cluster.call('recoverLease', { src: name(), clientName: 'other' }),
    () =>
      cluster.call('setQuota', {
        path: `/${'abc'[step % 3]}`,
        namespaceQuota: step % 2 === 0 ? 30n : 0xffff_ffff_ffff_ffffn,
        storagespaceQuota: 0x7fff_ffff_ffff_ffffn,
      }),
    () =>
      cluster.call('setXAttr', {
        src: name(),
        xAttr: { namespace: 0, name: 'k', value: new Uint8Array([step & 255]) },
        flag: 3,
      }),
    () =>
      cluster.call('modifyAclEntries', {
        src: name(),
        aclSpec: [{ type: 0, scope: step % 2, permissions: step % 8, name: 'bob' }],
      }),
    () => cluster.call('setStoragePolicy', { src: name(), policyName: 'COLD' }),
    () => cluster.advance(randomInteger(random, 100_000)),
  ]
  try {
    calls[randomInteger(random, calls.length)]!()
  } catch (error) {
    // Most random calls do not fit; what matters is what the others leave behind.
    if (!(error instanceof RemoteException)) throw error
  }
}

test('a journal replayed gives the same namespace, after any sequence of calls', () => {
  let operations = 0
  for (let seed = 1; seed <= 12; seed++) {
    const cluster = new SimulatedCluster({ seed, datanodes: 3 })
    for (let step = 0; step < 300; step++) randomCall(cluster, step)
    settle(cluster)
    const { namespace } = cluster.core
    const replayed = new Namespace(namespace.identity, 'root', 'supergroup')
    for (const op of cluster.journal.ops) applyEdit(replayed, op)
    assert.deepEqual(describeTree(replayed), describeTree(namespace), `seed ${seed}`)
    operations += cluster.journal.ops.length
  }
  assert.ok(operations > 1500, `${operations} operations were journaled`)
})

/** Closes what can be closed: the length of a block that is being written is known from DataNodes alone. */
function settle(cluster: SimulatedCluster): void {
  cluster.call('mkdirs', { src: '/end', masked: { perm: 0o755 }, createParent: true })
  cluster.advance(3 * 1_200_000)
}

test('the counters of a quota agree with a count of the subtree', () => {
  for (let seed = 100; seed <= 105; seed++) {
    const cluster = new SimulatedCluster({ seed, datanodes: 3 })
    for (let step = 0; step < 300; step++) randomCall(cluster, step)
    settle(cluster)
    for (const inode of cluster.core.namespace.inodes.values()) {
      const quota = inode.features?.quota
      if (quota === undefined) continue
      const { fileCount, directoryCount, spaceConsumed } = cluster.call('getContentSummary', {
        path: pathOf(inode),
      }).summary
      assert.equal(BigInt(quota.namespaceUsed), fileCount + directoryCount, `seed ${seed}: names`)
      assert.equal(BigInt(quota.storageSpaceUsed), spaceConsumed, `seed ${seed}: space`)
    }
  }
})
