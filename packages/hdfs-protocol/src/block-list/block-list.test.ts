import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError, parseHex } from '@cairn/bytes'
import { mutated, randomInteger, seededRandom } from '@cairn/testkit'
import { decodeBlockBuffers, encodeBlockBuffers } from './block-buffers.ts'
import { decodeBlockLongs, encodeBlockLongs } from './block-longs.ts'
import { ReplicaState, type ReportedReplica } from './replica.ts'
import { decodeStorageBlockReport, encodeStorageBlockReport } from './storage-block-report.ts'

const few: ReportedReplica[] = [
  { blockId: 1073741825n, numBytes: 5000, generationStamp: 1001n, state: ReplicaState.FINALIZED },
  { blockId: -9223372036854775792n, numBytes: 0, generationStamp: 1002n, state: ReplicaState.RBW },
]

function many(count: number): ReportedReplica[] {
  const random = seededRandom(5)
  return Array.from({ length: count }, (_, index) => ({
    blockId: 1073741825n + BigInt(index),
    numBytes: randomInteger(random, 2 ** 31),
    generationStamp: 1001n + BigInt(index),
    state: index % 5 === 0 ? ReplicaState.RWR : ReplicaState.FINALIZED,
  }))
}

const byId = (a: ReportedReplica, b: ReportedReplica) => (a.blockId < b.blockId ? -1 : 1)

test('the buffers form has four varints a replica', () => {
  const { numberOfBlocks, blocksBuffers } = encodeBlockBuffers(few)
  assert.equal(numberOfBlocks, 2n)
  const expected = parseHex(`
    8280808008            # 1073741825, zig-zag
    8827 e907 00          # 5000 bytes, stamp 1001, FINALIZED
    dfffffffffffffffff01  # -9223372036854775792, zig-zag
    00 ea07 01            # 0 bytes, stamp 1002, RBW
  `)
  assert.deepEqual(blocksBuffers, [expected])
  assert.deepEqual(decodeBlockBuffers(2n, blocksBuffers), few)
})

test('the long[] form lists finalized replicas, a delimiter, then the others', () => {
  const unsigned = (value: bigint) => BigInt.asUintN(64, value)
  const longs = encodeBlockLongs(few)
  assert.deepEqual(longs, [
    ...[1n, 1n],
    ...[1073741825n, 5000n, 1001n],
    ...[-1n, -1n, -1n].map(unsigned),
    ...[unsigned(-9223372036854775792n), 0n, 1002n, 1n],
  ])
  assert.deepEqual(decodeBlockLongs(longs), few)
  assert.deepEqual(decodeBlockLongs([]), [])
  assert.deepEqual(decodeBlockLongs(encodeBlockLongs([])), [])
})

test('both forms give back what was put in, entries across buffers included', () => {
  const replicas = many(20_000)
  const storage = { storageUuid: 'DS-1' }
  const buffers = encodeStorageBlockReport(storage, replicas, 1n)
  assert.ok(buffers.blocksBuffers.length > 3 && buffers.blocksBuffers.every(({ length }) => length <= 65_536))
  assert.deepEqual(decodeStorageBlockReport(buffers), replicas)
  const longs = encodeStorageBlockReport(storage, replicas, 0n)
  assert.equal(longs.numberOfBlocks, undefined)
  assert.deepEqual(decodeStorageBlockReport(longs).sort(byId), replicas)
  assert.deepEqual(decodeStorageBlockReport(encodeStorageBlockReport(storage, [], 1n)), [])
})

test('counts, states, lengths and delimiters that do not fit are ProtocolErrors', () => {
  const { blocksBuffers } = encodeBlockBuffers(few)
  const countError = { code: 'ERR_BLOCK_LIST_COUNT' }
  for (const count of [-1n, 1n, 2n ** 62n]) {
    assert.throws(() => decodeBlockBuffers(count, blocksBuffers), countError)
  }
  assert.throws(() => decodeBlockBuffers(3n, blocksBuffers), { code: 'ERR_BYTES_TRUNCATED' })
  assert.throws(() => decodeBlockBuffers(1n, [parseHex('02 00 00 05')]), { code: 'ERR_BLOCK_LIST_STATE' })
  const longs = encodeBlockLongs(few)
  const withLong = (index: number, value: bigint) => longs.map((long, at) => (at === index ? value : long))
  assert.throws(() => decodeBlockLongs(longs.slice(1)), countError)
  assert.throws(() => decodeBlockLongs(withLong(0, 2n ** 63n)), countError)
  assert.throws(() => decodeBlockLongs(withLong(5, 0n)), { code: 'ERR_BLOCK_LIST_DELIMITER' })
  assert.throws(() => decodeBlockLongs(withLong(3, 2n ** 63n)), { code: 'ERR_BLOCK_LIST_LENGTH' })
  assert.throws(() => decodeBlockLongs(withLong(11, 9n)), { code: 'ERR_BLOCK_LIST_STATE' })
})

test('mutated block lists end in a value or a ProtocolError', () => {
  const random = seededRandom(8)
  const { numberOfBlocks, blocksBuffers } = encodeBlockBuffers(many(30))
  for (let round = 0; round < 2000; round++) {
    try {
      decodeBlockBuffers(numberOfBlocks, [mutated(blocksBuffers[0]!, random)])
    } catch (error) {
      assert.ok(error instanceof ProtocolError)
    }
  }
})
