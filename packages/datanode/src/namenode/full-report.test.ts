import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter } from '@cairn/bytes'
import { BlockReportRequestProto } from '@cairn/hadoop-proto'
import { decodeStorageBlockReport, type ReportedReplica } from '@cairn/hdfs-protocol'
import { silentLogger } from '../logger.ts'
import { MemoryVolume } from '../storage/memory/memory-volume.ts'
import { Replica } from '../storage/replica.ts'
import { ReplicaStore } from '../storage/replica-store.ts'
import { type EncodedReport, encodedReportCodec, makeFullReport } from './full-report.ts'

const pool = { blockPoolId: 'BP-1-127.0.0.1-1', namespaceId: 7, clusterId: 'CID-test', cTime: 1n }
const storageInfo = { layoutVersion: 1, namespceID: 7, clusterID: 'CID-test', cTime: 1n }
const options = {
  registration: {
    datanodeID: {
      ipAddr: '127.0.0.1',
      hostName: 'h',
      datanodeUuid: 'u',
      xferPort: 1,
      infoPort: 2,
      ipcPort: 3,
    },
    storageInfo,
    keys: {
      isBlockTokenEnabled: false,
      keyUpdateInterval: 0n,
      tokenLifeTime: 0n,
      currentKey: { keyId: 0, expiryDate: 0n },
      allKeys: [],
    },
    softwareVersion: '3.4.3',
  },
  capabilities: 1n,
  reportId: 5n,
  leaseId: 6n,
  splitReplicas: 1_000_000,
}

async function storeOf(count: number): Promise<ReplicaStore> {
  const volumes = ['DS-a', 'DS-b'].map((storageId) => new MemoryVolume({ storageId, capacity: 1 }))
  const store = await ReplicaStore.open(pool, volumes, { logger: silentLogger })
  const [a, b] = store.slices
  for (let index = 0; index < count; index++) {
    const slice = index % 3 === 0 ? b! : a!
    store.adopt(
      new Replica(slice, 1073741825n + BigInt(index), 1001n + BigInt(index), 'FINALIZED', index * 1000),
    )
  }
  store.adopt(new Replica(a!, -9223372036854775792n, 2n ** 40n, 'RBW', 2 ** 40))
  store.adopt(new Replica(a!, 9223372036854775807n, 9223372036854775807n, 'RWR', 0))
  store.adopt(new Replica(b!, 3n, 1n, 'TEMPORARY', 5))
  const recovered = new Replica(b!, 4n, 1n, 'FINALIZED', 4294967296)
  store.adopt(recovered)
  recovered.recovery = { id: 9n, originalState: 'FINALIZED' }
  recovered.state = 'RUR'
  return store
}

function decode(pieces: EncodedReport): BlockReportRequestProto {
  const writer = new ByteWriter()
  encodedReportCodec.encodeDelimited(writer, pieces)
  return BlockReportRequestProto.decodeDelimited(new ByteReader(writer.take()))
}

function byId(replicas: ReportedReplica[]): ReportedReplica[] {
  return replicas.sort((a, b) => (a.blockId < b.blockId ? -1 : 1))
}

function expected(store: ReplicaStore, storageId: string): ReportedReplica[] {
  const numbers = { FINALIZED: 0, RBW: 1, RWR: 2, RUR: 3, TEMPORARY: 4 } as const
  const replicas = [...store.replicas()].filter(
    ({ slice, state }) => slice.volume.storageId === storageId && state !== 'TEMPORARY',
  )
  return byId(
    replicas.map((replica) => ({
      blockId: replica.blockId,
      numBytes: replica.length,
      generationStamp: replica.generationStamp,
      state: numbers[replica.reportedState],
    })),
  )
}

test('a report in either form says what the store has, and the context whose it is', async () => {
  const store = await storeOf(5000)
  assert.equal(expected(store, 'DS-a').length, 3335)
  for (const capabilities of [0n, 1n]) {
    const calls = await makeFullReport(store, { ...options, capabilities })
    assert.equal(calls.length, 1)
    const request = decode(calls[0]!)
    assert.deepEqual(request.context, { totalRpcs: 1, curRpc: 0, id: 5n, leaseId: 6n })
    assert.equal(request.blockPoolId, pool.blockPoolId)
    assert.deepEqual(request.registration.datanodeID.datanodeUuid, 'u')
    for (const [index, storageId] of ['DS-a', 'DS-b'].entries()) {
      const report = request.reports[index]!
      assert.equal(report.storage.storageUuid, storageId)
      assert.equal(report.numberOfBlocks === undefined, capabilities === 0n)
      assert.deepEqual(byId(decodeStorageBlockReport(report)), expected(store, storageId))
    }
  }
})

test('from the split threshold on each storage has a call of its own, all under one id', async () => {
  const store = await storeOf(20)
  const calls = (await makeFullReport(store, { ...options, splitReplicas: store.count })).map(decode)
  assert.deepEqual(
    calls.map(({ context, reports }) => [context?.totalRpcs, context?.curRpc, context?.id, reports.length]),
    [
      [2, 0, 5n, 1],
      [2, 1, 5n, 1],
    ],
  )
  assert.equal((await makeFullReport(store, { ...options, splitReplicas: store.count + 1 })).length, 1)
})

test('an empty store reports empty storages', async () => {
  const store = await ReplicaStore.open(pool, [new MemoryVolume({ storageId: 'DS-a', capacity: 1 })], {
    logger: silentLogger,
  })
  for (const capabilities of [0n, 1n]) {
    const [call] = await makeFullReport(store, { ...options, capabilities })
    assert.deepEqual(decodeStorageBlockReport(decode(call!).reports[0]!), [])
  }
})
