import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryVolume } from '../storage/memory/memory-volume.ts'
import { Replica } from '../storage/replica.ts'
import { IncrementalReports } from './incremental-reports.ts'

const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }

test('a block that was moved while nobody listened is told of at its last place only', async () => {
  const volumes = ['DS-a', 'DS-b'].map((storageId) => new MemoryVolume({ storageId, capacity: 1 << 20 }))
  const [a, b] = await Promise.all(volumes.map((volume) => volume.openPool(pool)))
  const reports = new IncrementalReports()
  const other = new Replica(b!, 1n, 1001n, 'FINALIZED', 10)
  const moved = new Replica(a!, 2n, 1001n, 'FINALIZED', 10)
  reports.add(other, 'RECEIVED')
  reports.add(moved, 'RECEIVED')
  moved.slice = b!
  reports.add(moved, 'RECEIVED')
  const told = () =>
    reports.take()!.map(({ storageUuid, blocks }) => [storageUuid, blocks.map(({ block }) => block.blockId)])
  assert.deepEqual(told(), [['DS-b', [1n, 2n]]])
  assert.ok(reports.empty)

  // One that could not be sent gives way to what happened since, on whatever volume.
  reports.add(moved, 'RECEIVED')
  const unsent = reports.take()!
  moved.slice = a!
  reports.add(moved, 'RECEIVED')
  reports.restore(unsent, volumes)
  assert.deepEqual(told(), [['DS-a', [2n]]])
})
