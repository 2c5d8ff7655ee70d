import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kernel } from '@cairn/checksum'
import { patternBytes } from '@cairn/testkit'
import { silentLogger } from '../logger.ts'
import { DataStorage } from '../storage/data-storage.ts'
import type { Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { until } from '../testing/until.ts'
import { DiskBalancer, type DiskBalancerOptions, planResult } from './disk-balancer.ts'

const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }
const root = mkdtempSync(join(tmpdir(), 'cairn-balancer-'))
after(() => rmSync(root, { recursive: true, force: true }))
const blockBytes = 100_000

async function bench(options: DiskBalancerOptions = {}) {
  const dirs = [1, 2, 3].map(() => mkdtempSync(join(root, 'd-')))
  const storage = new DataStorage({
    dirs: [dirs[0]!, dirs[1]!, `[SSD]${dirs[2]}`],
    logger: silentLogger,
    now: Date.now,
    newUuid: randomUUID,
  })
  const store = await storage.openPool(pool)
  const moved: Replica[] = []
  const suspects: bigint[] = []
  const balancer = new DiskBalancer(options, {
    logger: silentLogger,
    storage,
    moved: (_pool, replica) => moved.push(replica),
    suspect: (_pool, replica) => suspects.push(replica.blockId),
    now: Date.now,
  })
  const [from, to, ssd] = storage.volumes.map(({ storageId }) => storageId)
  return { storage, store, balancer, moved, suspects, from: from!, to: to!, ssd: ssd!, dirs }
}

/** Blocks on both disks in turn. */
function fill(store: ReplicaStore, count: number): void {
  for (let index = 0; index < count; index++) {
    const writer = store.createRbw({
      blockId: BigInt(1000 + index),
      generationStamp: 1n,
      expectedBytes: blockBytes,
      storageType: 1,
      checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
    })
    const data = patternBytes(blockBytes)
    const checksums = new Uint8Array(Math.ceil(blockBytes / 512) * 4)
    kernel.compute('CRC32C', data, 512, checksums)
    writer.add({ offsetInBlock: 0, data, checksums })
    writer.flush()
    store.finalize(writer.replica)
    writer.close()
  }
}

interface PlanParts {
  uuid: string
  from: string
  to: string
  bytes: number
  bandwidth?: number
  timeStamp?: number
}

/** As Java's planner writes it. */
function planOf(parts: PlanParts, className = 'MoveStep'): string {
  const volume = (uuid: string) => ({
    path: null,
    capacity: 10_000_000,
    storageType: 'DISK',
    used: 0,
    reserved: 0,
    uuid,
    failed: false,
    volumeDataDensity: 0.5,
    skip: false,
    transient: false,
    readOnly: false,
  })
  return JSON.stringify({
    volumeSetPlans: [
      {
        '@class': `org.apache.hadoop.hdfs.server.diskbalancer.planner.${className}`,
        sourceVolume: volume(parts.from),
        destinationVolume: volume(parts.to),
        idealStorage: 0.1,
        bytesToMove: parts.bytes,
        volumeSetID: 'set',
        maxDiskErrors: 0,
        tolerancePercent: 0,
        bandwidth: parts.bandwidth ?? 1000,
      },
    ],
    nodeName: 'localhost',
    nodeUUID: parts.uuid,
    port: 9867,
    timeStamp: parts.timeStamp ?? Date.now(),
  })
}

function submittedOf(plan: string) {
  const planId = createHash('sha1').update(plan).digest('hex')
  return { planId, version: 1, plan, planFile: '/system/diskbalancer/x.plan.json', ignoreDateCheck: false }
}

test('[disk.plan.2] moves about as many bytes as the plan says, and tells how far it has come', async () => {
  const { storage, store, balancer, moved, from, to, dirs } = await bench()
  fill(store, 40)
  assert.equal(balancer.query().result, planResult.NO_PLAN)
  const submitted = submittedOf(planOf({ uuid: storage.datanodeUuid, from, to, bytes: 10 * blockBytes }))
  balancer.submit(submitted)
  assert.equal(balancer.query().result, planResult.PLAN_UNDER_PROGRESS)
  assert.throws(() => balancer.submit(submitted), { fault: 'PLAN_ALREADY_IN_PROGRESS' })
  await until('the plan', 10_000, () => balancer.query().result === planResult.PLAN_DONE)
  const status = balancer.query()
  assert.deepEqual([status.planId, status.planFile], [submitted.planId, submitted.planFile])
  const [entry] = JSON.parse(status.currentStatus)
  assert.deepEqual([entry.sourcePath, entry.destPath], [dirs[0], dirs[1]])
  assert.ok(entry.workItem.blocksCopied >= 9 && entry.workItem.blocksCopied <= 11)
  assert.equal(entry.workItem.bytesCopied, entry.workItem.blocksCopied * blockBytes)
  assert.equal(entry.workItem.errorCount, 0)
  assert.equal(moved.length, entry.workItem.blocksCopied)
  assert.ok(moved.every(({ slice }) => slice.volume.storageId === to))
  const counts = store.slices.map((slice) => store.index.countOf(slice))
  assert.deepEqual(counts, [20 - moved.length, 20 + moved.length, 0])
  await storage.close()
})

test('a plan is cancelled in the middle of a block, and keeps to its bandwidth until then', async () => {
  const { storage, store, balancer, moved, from, to } = await bench()
  fill(store, 60)
  const startMs = performance.now()
  const parts = { uuid: storage.datanodeUuid, from, to, bytes: 30 * blockBytes, bandwidth: 1 }
  const submitted = submittedOf(planOf(parts))
  balancer.submit(submitted)
  await until('some moves', 10_000, () => moved.length >= 4, 5)
  // The first goes at once, three take 95 ms each.
  assert.ok(performance.now() - startMs > 250)
  assert.throws(() => balancer.cancel('0'.repeat(40)), { fault: 'NO_SUCH_PLAN' })
  balancer.cancel(submitted.planId)
  assert.equal(balancer.query().result, planResult.PLAN_CANCELLED)
  await balancer.close()
  assert.ok(moved.length < 10)
  assert.equal(store.count, 60)
  balancer.submit(submitted)
  await balancer.close()
  await storage.close()
})

test('[disk.plan.1] refuses plans that are damaged, old, for others, or about volumes that are not there', async () => {
  const { storage, balancer, from, to, ssd } = await bench()
  const uuid = storage.datanodeUuid
  const parts = { uuid, from, to, bytes: 1 }
  const refused = (plan: string, fault: string, more: object = {}) =>
    assert.throws(() => balancer.submit({ ...submittedOf(plan), ...more }), { fault })
  const plan = planOf(parts)
  refused(plan, 'INVALID_PLAN_VERSION', { version: 2 })
  refused(plan, 'INVALID_PLAN_HASH', { planId: '0'.repeat(40) })
  refused('', 'INVALID_PLAN')
  for (const text of [
    '{',
    '[]',
    '{}',
    plan.replace('"bytesToMove":1', '"bytesToMove":-1'),
    plan.replace(from, ''),
  ])
    refused(text, 'MALFORMED_PLAN')
  refused(planOf(parts, 'OtherStep'), 'MALFORMED_PLAN')
  refused(planOf({ ...parts, uuid: 'other' }), 'DATANODE_ID_MISMATCH')
  refused(planOf({ ...parts, from: 'DS-other' }), 'INVALID_VOLUME')
  refused(planOf({ ...parts, to: 'DS-other' }), 'INVALID_VOLUME')
  refused(planOf({ ...parts, to: from }), 'INVALID_MOVE')
  refused(planOf({ ...parts, to: ssd }), 'INVALID_MOVE')
  const old = planOf({ ...parts, timeStamp: Date.now() - 25 * 3_600_000 })
  refused(old, 'OLD_PLAN_SUBMITTED')
  balancer.submit({ ...submittedOf(old), ignoreDateCheck: true })
  await balancer.close()
  assert.equal(balancer.query().result, planResult.PLAN_DONE)
  await storage.close()
})

test('gives up after so many errors; says what is configured; is silent when it is off', async () => {
  const { storage, store, balancer, suspects, from, to, dirs, ssd } = await bench({ maxDiskErrors: 2 })
  fill(store, 20)
  for (const replica of store.replicas()) {
    const file = replica.slice.open(replica, 'write')
    file.truncate('meta', 100)
    file.close()
  }
  balancer.submit(submittedOf(planOf({ uuid: storage.datanodeUuid, from, to, bytes: 10 * blockBytes })))
  await until('the plan', 10_000, () => balancer.query().result === planResult.PLAN_DONE)
  const [{ workItem }] = JSON.parse(balancer.query().currentStatus)
  assert.deepEqual([workItem.errorCount, workItem.blocksCopied], [3, 0])
  assert.match(workItem.errMsg, /Error count exceeded: .*a meta file that is too short/)
  assert.equal(suspects.length, 3)
  const names = { [from]: dirs[0], [to]: dirs[1], [ssd]: dirs[2] }
  assert.deepEqual(JSON.parse(balancer.setting('DiskBalancerVolumeName')), names)
  assert.equal(balancer.setting('DiskBalancerBandwidth'), '10')
  assert.throws(() => balancer.setting('else'), { fault: 'UNKNOWN_KEY' })
  await storage.close()
  const off = (await bench({ enabled: false })).balancer
  for (const ask of [() => off.query(), () => off.setting('DiskBalancerBandwidth'), () => off.cancel('x')])
    assert.throws(ask, { fault: 'DISK_BALANCER_NOT_ENABLED' })
})
