import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHex } from '@cairn/bytes'
import { decodeBlockMetadataHeader, encodeBlockMetadataHeader } from './block-metadata-header.ts'
import {
  finalizedSubdirectory,
  formatBlockFileName,
  formatMetaFileName,
  parseReplicaFileName,
} from './replica-files.ts'

test('a block metadata header has the bytes that Java 3.4.3 writes', () => {
  const bytes = parseHex('0001 02 00000200')
  assert.deepEqual(decodeBlockMetadataHeader(bytes), { type: 'CRC32C', bytesPerChecksum: 512 })
  assert.deepEqual(encodeBlockMetadataHeader({ type: 'CRC32C', bytesPerChecksum: 512 }), bytes)
  for (const type of ['NULL', 'CRC32', 'CRC32C'] as const) {
    const header = { type, bytesPerChecksum: 4096 }
    assert.deepEqual(decodeBlockMetadataHeader(encodeBlockMetadataHeader(header)), header)
  }
})

test('block metadata headers that are cut, of another version or of an unknown type are refused', () => {
  const cases: [string, string][] = [
    ['0001 02 000002', 'ERR_HSTORAGE_META_TRUNCATED'],
    ['', 'ERR_HSTORAGE_META_TRUNCATED'],
    ['0002 02 00000200', 'ERR_HSTORAGE_META_VERSION'],
    ['0001 03 00000200', 'ERR_HSTORAGE_META_CHECKSUM_TYPE'],
    ['0001 02 00000000', 'ERR_HSTORAGE_META_BYTES_PER_CHECKSUM'],
    ['0001 02 ffffffff', 'ERR_HSTORAGE_META_BYTES_PER_CHECKSUM'],
  ]
  for (const [hex, code] of cases) assert.throws(() => decodeBlockMetadataHeader(parseHex(hex)), { code })
  assert.throws(() => encodeBlockMetadataHeader({ type: 'CRC32', bytesPerChecksum: 0 }), { side: 'local' })
})

test('replica files are named by block id and generation stamp', () => {
  assert.equal(formatBlockFileName(1073741825n), 'blk_1073741825')
  assert.equal(formatMetaFileName(1073741825n, 1001), 'blk_1073741825_1001.meta')
  assert.deepEqual(parseReplicaFileName('blk_1073741825'), { kind: 'block', blockId: 1073741825n })
  assert.deepEqual(parseReplicaFileName('blk_-9223372036854775792_1001.meta'), {
    kind: 'meta',
    blockId: -9223372036854775792n,
    generationStamp: 1001n,
  })
  for (const name of ['blk_', 'blk_1.meta', 'blk_1_2', 'blk_1_2.meta.tmp', 'dfsUsed']) {
    assert.equal(parseReplicaFileName(name), undefined, name)
  }
})

test('finalized replicas are spread over 32 by 32 directories by bits 16 to 20 and 8 to 12 of their id', () => {
  assert.equal(finalizedSubdirectory(1073741825n), 'subdir0/subdir0')
  assert.equal(finalizedSubdirectory(0x1f1f00n), 'subdir31/subdir31')
  assert.equal(finalizedSubdirectory(0x20_0000n + 0x5_0700n), 'subdir5/subdir7')
  assert.equal(finalizedSubdirectory(-9223372036854775792n), 'subdir0/subdir0')
})
