// What this DataNode tells its NameNode, field by field beside what Java's told in the same situation. Every difference
// stands here and is explained in docs/protocols/datanode-protocol.md.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  BlockReceivedAndDeletedRequestProto,
  BlockReportRequestProto,
  HeartbeatRequestProto,
  RegisterDatanodeRequestProto,
} from '@cairn/hadoop-proto'
import { decodeStorageBlockReport } from '@cairn/hdfs-protocol'
import { dataNodeLayoutVersion, formatBlockPoolVersion, formatDataNodeVersion } from '@cairn/hdfs-storage'
import { type DataNode, startDataNode } from '../datanode.ts'
import { Replica } from '../storage/replica.ts'
import type { PoolSlice } from '../storage/volume.ts'
import { ScriptedNameNode } from '../testing/scripted-namenode.ts'
import { IncrementalReports } from './incremental-reports.ts'

const recorded = readFileSync(new URL('../../test-data/hadoop-3.4.3-requests.txt', import.meta.url), 'latin1')

/** The bytes of all recorded requests of one method. */
function javaRequests(recording: string, method: string): Uint8Array[] {
  return recorded.split('\n').flatMap((line) => {
    const [from, name, hex] = line.split(' ')
    return from === recording && name === method ? [Buffer.from(hex!, 'hex')] : []
  })
}

/** Each leaf of a message with its path; bytes as hex. */
function fieldsOf(value: unknown, path = '', fields = new Map<string, string>()): Map<string, string> {
  if (value instanceof Uint8Array) fields.set(path, `0x${Buffer.from(value).toString('hex')}`)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) fieldsOf(item, `${path}[${index}]`, fields)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      if (item !== undefined) fieldsOf(item, path === '' ? name : `${path}.${name}`, fields)
    }
  } else fields.set(path, String(value))
  return fields
}

/** `field: Java's → ours` for all that is not equal. `free` are fields whose values are of the machine, not of the code. */
function differences(java: unknown, ours: unknown, free: RegExp): string[] {
  const [left, right] = [fieldsOf(java), fieldsOf(ours)]
  const names = new Set([...left.keys(), ...right.keys()])
  return [...names].flatMap((name) => {
    const [a, b] = [left.get(name), right.get(name)]
    if (a === b || (a !== undefined && b !== undefined && free.test(name))) return []
    return `${name}: ${a ?? 'absent'} → ${b ?? 'absent'}`
  })
}

/** Ports are those that were free; addresses are as the NameNode sees the node: the recorder stood between. */
const ofTheMachine =
  /\.(ipAddr|xferPort|infoPort|ipcPort|capacity|dfsUsed|remaining|blockPoolUsed|nonDfsUsed)$|context\.(id|leaseId)$/

const root = mkdtempSync(join(tmpdir(), 'cairn-java-requests-'))
const [registration] = javaRequests('dn-reregister', 'registerDatanode').map((bytes) =>
  RegisterDatanodeRequestProto.decode(bytes),
)
const [report] = javaRequests('dn-reregister', 'blockReport').map((bytes) =>
  BlockReportRequestProto.decode(bytes),
)
const { datanodeID, storageInfo } = registration!.registration
const namenode = new ScriptedNameNode()
let node: DataNode

/** Java's DataNode as the recording shows it: its ids, its directory, its five blocks. */
function makeDirectory(): void {
  const { storageUuid } = report!.reports[0]!.storage
  const pool = join(root, 'current', report!.blockPoolId, 'current')
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  const layoutVersion = dataNodeLayoutVersion
  const { clusterID, cTime, namespceID } = storageInfo
  const version = {
    storageID: storageUuid,
    clusterID,
    cTime: 0,
    datanodeUuid: datanodeID.datanodeUuid,
    layoutVersion,
  }
  write(join(root, 'current', 'VERSION'), formatDataNodeVersion(version, 0))
  const poolVersion = {
    namespaceID: namespceID,
    cTime: Number(cTime),
    blockpoolID: report!.blockPoolId,
    layoutVersion,
  }
  write(join(pool, 'VERSION'), formatBlockPoolVersion(poolVersion, 0))
  for (const { blockId, numBytes, generationStamp } of decodeStorageBlockReport(report!.reports[0]!)) {
    const folder = join(pool, 'finalized', 'subdir0', 'subdir0')
    const chunks = Math.ceil(numBytes / 512)
    const meta = Buffer.concat([Buffer.from([0, 1, 2, 0, 0, 2, 0]), Buffer.alloc(4 * chunks)])
    write(join(folder, `blk_${blockId}`), Buffer.alloc(numBytes))
    write(join(folder, `blk_${blockId}_${generationStamp}.meta`), meta)
  }
}

before(async () => {
  makeDirectory()
  namenode.clusterID = storageInfo.clusterID
  namenode.namespaceID = storageInfo.namespceID
  namenode.cTime = storageInfo.cTime
  namenode.blockPoolID = report!.blockPoolId
  await namenode.listen()
  node = await startDataNode({
    namenode: { host: '127.0.0.1', port: namenode.port },
    dirs: [root],
    heartbeatIntervalMs: 10,
  })
  await node.ready()
  await namenode.until('heartbeat', 3)
})

after(async () => {
  await node?.close()
  await namenode.close()
  rmSync(root, { recursive: true, force: true })
})

test('registerDatanode is Java’s [dnp.register.1]', () => {
  assert.deepEqual(differences(registration, namenode.registrations[0], ofTheMachine), [])
})

test('sendHeartbeat is Java’s, the first with the wish for a lease and those that follow [dnp.heartbeat.1]', () => {
  const [first, second] = javaRequests('dn-reregister', 'sendHeartbeat').map((bytes) =>
    HeartbeatRequestProto.decode(bytes),
  )
  assert.deepEqual(differences(first, namenode.heartbeats[0], ofTheMachine), [])
  assert.deepEqual(differences(second, namenode.heartbeats.at(-1), ofTheMachine), [])
})

test('blockReport is Java’s: the same replicas in the same bytes, but for their order [dnp.report.4]', () => {
  const [ours] = namenode.reports
  const sorted = (request: BlockReportRequestProto | undefined) =>
    decodeStorageBlockReport(request!.reports[0]!).sort((a, b) => Number(a.blockId - b.blockId))
  assert.deepEqual(sorted(ours), sorted(report))
  const { length } = report!.reports[0]!.blocksBuffers[0]!
  assert.equal(ours!.reports[0]!.blocksBuffers[0]!.length, length)
  const free = new RegExp(`${ofTheMachine.source}|blocksBuffers\\[0\\]$`)
  assert.deepEqual(differences(report, ours, free), [])
})

test('blockReport of a node without blocks is Java’s', async () => {
  const [java] = javaRequests('dn-register', 'blockReport').map((bytes) =>
    BlockReportRequestProto.decode(bytes),
  )
  const empty = new ScriptedNameNode()
  await empty.listen()
  const fresh = await startDataNode({
    namenode: { host: '127.0.0.1', port: empty.port },
    memoryBytes: 1 << 20,
  })
  await fresh.ready()
  const ids = /Uuid$|ID$|Id$|cTime$/
  const free = new RegExp(`${ofTheMachine.source}|${ids.source}`)
  assert.deepEqual(differences(java, empty.reports[0], free), [])
  await fresh.close()
  await empty.close()
})

test('blockReceivedAndDeleted is Java’s for blocks that begin and end [dnp.ibr.4]', () => {
  const requests = javaRequests('dn-register', 'blockReceivedAndDeleted')
  assert.ok(requests.length > 0)
  const seen = new Set<number>()
  for (const bytes of requests) {
    const java = BlockReceivedAndDeletedRequestProto.decode(bytes)
    const [{ storage, storageUuid, blocks } = assert.fail()] = java.blocks
    const volume = { storageId: storageUuid, storageType: storage!.storageType }
    const reports = new IncrementalReports()
    for (const { block, status } of blocks) {
      seen.add(status)
      const receiving = status === 1
      const { blockId, genStamp, numBytes } = block
      const slice = { volume } as unknown as PoolSlice
      const replica = new Replica(slice, blockId, genStamp, 'RBW', receiving ? 0 : Number(numBytes))
      if (receiving) replica.reservedBytes = Number(numBytes)
      reports.add(replica, receiving ? 'RECEIVING' : 'RECEIVED')
    }
    assert.deepEqual(differences(java.blocks, reports.take(), /^$/), [])
  }
  assert.deepEqual([...seen].sort(), [1, 2])
})
