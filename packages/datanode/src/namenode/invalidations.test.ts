import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BlockCommandProto, BlockCommandProto_Action } from '@cairn/hadoop-proto'
import { invalidationsMax } from '../limits.ts'
import { silentLogger } from '../logger.ts'
import type { Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { Invalidations } from './invalidations.ts'

/** Holds deletions until they are let go. */
class SlowStore {
  readonly pool = { blockPoolId: 'BP-1' }
  readonly held: (() => void)[] = []
  most = 0

  invalidate(block: { readonly blockId: bigint }): Promise<Replica> {
    if (block.blockId === 13n) return Promise.reject(new Error('invalidate blk_13: found no such replica'))
    return new Promise((resolve) => {
      this.held.push(() => resolve(block as Replica))
      this.most = Math.max(this.most, this.held.length)
    })
  }
}

function order(blockIds: readonly bigint[], numBytes = 1n): BlockCommandProto {
  return {
    action: BlockCommandProto_Action.INVALIDATE,
    blockPoolId: 'BP-1',
    blocks: blockIds.map((blockId) => ({ blockId, genStamp: 1n, numBytes })),
    targets: [],
    targetStorageUuids: [],
    targetStorageTypes: [],
  }
}

test('replicas are deleted a few at a time, in the order of the orders [dnp.invalidate.1]', async () => {
  const removed: [bigint, boolean][] = []
  const invalidations = new Invalidations(silentLogger, {
    removed: (_, replica, tell) => removed.push([replica.blockId, tell]),
  })
  const store = new SlowStore()
  const ids = Array.from({ length: 100 }, (_, index) => BigInt(index))
  invalidations.add(store as unknown as ReplicaStore, order(ids))
  invalidations.add(store as unknown as ReplicaStore, order([200n], 0x7fff_ffff_ffff_ffffn))
  assert.equal(invalidations.pending, 101)
  while (invalidations.pending > 0) {
    store.held.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(store.most, invalidationsMax)
  assert.deepEqual(removed, [
    ...ids.filter((id) => id !== 13n).map((id) => [id, true]),
    // The NameNode has forgotten this block and wants to hear no more of it.
    [200n, false],
  ])
  invalidations.add(store as unknown as ReplicaStore, order([300n]))
  store.held.shift()?.()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(removed.length, 101)
  assert.equal(invalidations.pending, 0)
})
