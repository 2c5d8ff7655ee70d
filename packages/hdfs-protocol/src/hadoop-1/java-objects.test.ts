// Objects that no recording has, as `ObjectWritable` of Hadoop 1.2.1 wrote them: a line is the method whose result it is,
// and the bytes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex, parseHex } from '@cairn/bytes'
import { ClientProtocol61 } from './client-protocol.ts'
import { ClientDatanodeProtocol4, InterDatanodeProtocol3 } from './datanode-ipc-protocols.ts'
import { DatanodeProtocol26 } from './datanode-protocol.ts'
import type { AnyMethod1 } from './method.ts'
import { NamenodeProtocol3 } from './namenode-protocol.ts'
import { DelegationTokenIdentifier1 } from './writables.ts'

const file = new URL('../../test-data/hadoop-1.2.1-objects.txt', import.meta.url)
const methods: Readonly<Record<string, AnyMethod1>> = {
  ...ClientProtocol61,
  ...NamenodeProtocol3,
  ...ClientDatanodeProtocol4,
  ...InterDatanodeProtocol3,
  ...DatanodeProtocol26,
}

/** What each method gave, decoded; its bytes come again from that. */
const results = new Map(
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): [string, unknown] => {
      const [name = '', hex = ''] = line.split(' ')
      const { response } = methods[name]!
      const value = response.decode(parseHex(hex))
      assert.equal(formatHex(response.encode(value)), hex, name)
      return [name, value]
    }),
)

const block = { blockId: -7413553320882858933n, numBytes: 70_000n, generationStamp: 1019n }
const currentKey = { keyId: -300, expiryDate: 1_795_263_680_666n, key: Uint8Array.of(1, 2, 3, 4, 5) }
const noKey = { keyId: 0, expiryDate: 0n, key: undefined }
const keys = {
  isBlockTokenEnabled: true,
  keyUpdateInterval: 600_000n,
  tokenLifetime: 36_000_000n,
  currentKey,
  allKeys: [currentKey, noKey],
}

test('orders of every class in one array, and none', () => {
  assert.deepEqual(results.get('sendHeartbeat'), [
    { kind: 'keyUpdate', value: { action: 7, keys } },
    { kind: 'balancerBandwidth', value: { action: 8, version: 1, bandwidth: 1_048_576n } },
    { kind: 'upgrade', value: { action: 101, version: -41, upgradeStatus: 100 } },
    { kind: 'register', value: {} },
    { kind: 'finalize', value: {} },
    null,
  ])
  assert.equal(results.get('blockReport'), null)
  assert.deepEqual(results.get('processUpgradeCommand'), { action: 101, version: -41, upgradeStatus: 100 })
})

test('what DataNodes, balancers and secondary NameNodes are told', () => {
  assert.deepEqual(results.get('getBlockKeys'), keys)
  assert.deepEqual(results.get('getBlockMetaDataInfo'), { ...block, lastScanTime: 1_795_263_680_666n })
  assert.deepEqual(results.get('startBlockRecovery'), { ...block, wasRecoveredOnStartup: true })
  assert.deepEqual(results.get('getBlockLocalPathInfo'), {
    block,
    localBlockPath: '/d/blk_1',
    localMetaPath: '/d/blk_1_2.méta',
  })
  assert.deepEqual(results.get('getBlocks'), { blocks: [{ block, datanodeIDs: ['DS-1', 'DS-2'] }] })
  const signature = results.get('rollEditLog') as { editsTime: bigint; checkpointTime: bigint }
  assert.deepEqual([signature.editsTime, signature.checkpointTime], [5n, -6n])
  assert.deepEqual(results.get('distributedUpgradeProgress'), { version: -41, upgradeStatus: 101 })
})

test('a delegation token and what its identifier says', () => {
  const token = results.get('getDelegationToken') as { identifier: Uint8Array; kind: string }
  assert.equal(token.kind, 'HDFS_DELEGATION_TOKEN')
  const reader = new ByteReader(token.identifier)
  const identifier = DelegationTokenIdentifier1.read(reader)
  assert.equal(reader.remaining, 0)
  assert.deepEqual(identifier, {
    version: 0,
    owner: 'alice',
    renewer: 'bob',
    realUser: 'éve',
    issueDate: 1_795_263_680_666n,
    maxDate: 1_795_868_480_666n,
    sequenceNumber: 300,
    masterKeyId: 2,
  })
  const writer = new ByteWriter()
  DelegationTokenIdentifier1.write(writer, identifier)
  assert.equal(formatHex(writer.take()), formatHex(token.identifier))
})
