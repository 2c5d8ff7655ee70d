import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex, parseHex } from '@cairn/bytes'
import {
  AddBlockResponseProto,
  BlockProto,
  CachePoolInfoProto,
  ChecksumTypeProto,
  ClientNamenodeProtocol,
  DatanodeErrorReportRequestProto,
  type ExtendedBlockProto,
  GetFileInfoRequestProto,
  GetFileInfoResponseProto,
  HdfsFileStatusProto_FileType,
  LocatedBlockProto,
  MsyncRequestProto,
  NamenodeErrorReportRequestProto,
  nestingMax,
  PipelineAckProto,
  RpcRequestHeaderProto,
  TokenProto,
} from './index.ts'

const block = { blockId: 1_073_741_825n, genStamp: 1001n, numBytes: undefined }

function locatedBlock() {
  return LocatedBlockProto.decode(
    LocatedBlockProto.encode({
      b: { poolId: 'BP-1', blockId: 1n, generationStamp: 2n },
      offset: 0n,
      locs: [],
      corrupt: false,
      blockToken: { identifier: new Uint8Array(0), password: new Uint8Array(0), kind: '', service: '' },
      isCached: [],
      storageTypes: [],
      storageIDs: [],
      blockTokens: [],
    }),
  )
}

test('BlockProto.decode without a required field names that field', () => {
  assert.throws(() => BlockProto.decode(parseHex('0801')), {
    code: 'ERR_PROTO_REQUIRED_MISSING',
    path: 'hadoop.hdfs.BlockProto.genStamp',
    side: 'remote',
  })
})

test('encode without a required field, at any depth, is our own fault and names the field', () => {
  const message = { ...locatedBlock(), b: { poolId: 'BP-1', blockId: 1n } as ExtendedBlockProto }
  assert.throws(() => AddBlockResponseProto.encode({ block: message }), {
    code: 'ERR_PROTO_REQUIRED_MISSING',
    path: 'hadoop.hdfs.ExtendedBlockProto.generationStamp',
    side: 'local',
  })
  assert.equal(formatHex(GetFileInfoRequestProto.encode({ src: '/' })), '0a012f')
})

test('encode refuses numbers that their field cannot hold', () => {
  const pool = { mode: 2 ** 31 } as CachePoolInfoProto
  assert.throws(() => CachePoolInfoProto.encode(pool), { code: 'ERR_PROTO_RANGE', side: 'local' })
  assert.throws(() => BlockProto.encode({ ...block, blockId: 1n << 64n }), { code: 'ERR_BYTES_RANGE' })
})

test('a uint32 that Java made negative survives as the same 32 bits', () => {
  const bytes = PipelineAckProto.encode({ seqno: 1n, reply: [], flag: [-1] })
  assert.deepEqual(PipelineAckProto.decode(bytes).flag, [0xffff_ffff])
})

test('int32 −1 takes ten bytes, as Java writes it, and decodes from them', () => {
  const bytes = CachePoolInfoProto.encode({ mode: -1 })
  assert.equal(formatHex(bytes), '20ffffffffffffffffff01')
  assert.equal(CachePoolInfoProto.decode(bytes).mode, -1)
})

test('a declared field with an impossible wire type is refused', () => {
  assert.throws(() => BlockProto.decode(parseHex('0a0101 1002')), {
    code: 'ERR_PROTO_WIRE_TYPE',
    path: 'hadoop.hdfs.BlockProto.blockId',
  })
})

test('fields that the message does not declare are skipped, whatever their wire type', () => {
  const unknown = ['f807 05', 'f907 0102030405060708', 'fa07 02 aabb', 'fb07 0801 fc07', 'fd07 01020304']
  assert.deepEqual(BlockProto.decode(parseHex(`0881808080 04 ${unknown.join('')} 10e907`)), block)
})

test('groups nest up to the limit and no deeper, and must be closed by their own number', () => {
  const nested = (depth: number) => parseHex(`${'0b'.repeat(depth)}${'0c'.repeat(depth)}`)
  assert.deepEqual(MsyncRequestProto.decode(nested(nestingMax)), {})
  assert.throws(() => MsyncRequestProto.decode(nested(nestingMax + 1)), { code: 'ERR_PROTO_NESTING' })
  assert.throws(() => MsyncRequestProto.decode(nested(1_000_000)), { code: 'ERR_PROTO_NESTING' })
  assert.throws(() => MsyncRequestProto.decode(parseHex('0b14')), { code: 'ERR_PROTO_TAG' })
  assert.throws(() => MsyncRequestProto.decode(parseHex('0b')), { code: 'ERR_PROTO_LENGTH' })
})

test('field number 0 and wire types 6 and 7 are refused', () => {
  for (const hex of ['00', '0e', '0f', '04']) {
    assert.throws(() => MsyncRequestProto.decode(parseHex(hex)), { code: 'ERR_PROTO_TAG' }, hex)
  }
})

test('packed and single values of a repeated field are both read, in any mixture', () => {
  const single = PipelineAckProto.decode(parseHex('0802 2001 2002'))
  assert.deepEqual(single.flag, [1, 2])
  const mixed = PipelineAckProto.decode(parseHex('0802 2001 22020203 1000 120100 2004'))
  assert.deepEqual(
    [mixed.flag, mixed.reply],
    [
      [1, 2, 3, 4],
      [0, 0],
    ],
  )
  assert.throws(() => PipelineAckProto.decode(parseHex('0802 22018001')), { code: 'ERR_PROTO_LENGTH' })
})

test('the last of several values of a singular field wins; messages merge', () => {
  assert.equal(BlockProto.decode(parseHex('0801 0802 1003')).blockId, 2n)
  const whole = locatedBlock()
  const other = { ...whole, offset: 9n, storageIDs: ['DS-1'] }
  const parts = [{ ...whole, storageIDs: ['DS-0'], isCached: [true] }, other].map((part) =>
    AddBlockResponseProto.encode({ block: part }),
  )
  const { block: merged } = AddBlockResponseProto.decode(Buffer.concat(parts))
  assert.deepEqual(merged, { ...whole, offset: 9n, storageIDs: ['DS-0', 'DS-1'], isCached: [true] })
})

test('a nested message that claims more than its parent has is refused', () => {
  assert.throws(() => GetFileInfoResponseProto.decode(parseHex('0a05 0800')), { code: 'ERR_PROTO_LENGTH' })
  assert.throws(() => GetFileInfoResponseProto.decode(parseHex('0affffffff0f')), { code: 'ERR_PROTO_LENGTH' })
  assert.throws(() => AddBlockResponseProto.decode(parseHex('0a07 0a030a0261 1005')), {
    code: 'ERR_PROTO_LENGTH',
  })
})

test('text that is not UTF-8 is refused, not repaired', () => {
  assert.throws(() => GetFileInfoRequestProto.decode(parseHex('0a02c328')), { code: 'ERR_BYTES_UTF8' })
})

test('a decoded message shares no memory with the bytes it came from', () => {
  const token = {
    identifier: Uint8Array.of(1, 2),
    password: new Uint8Array(64).fill(3),
    kind: 'k',
    service: 's',
  }
  const received = Buffer.from(TokenProto.encode(token))
  const decoded = TokenProto.decode(received)
  received.fill(0xff)
  assert.deepEqual(decoded, token)
  assert.equal(Object.getPrototypeOf(decoded.identifier), Uint8Array.prototype)
})

test('encodeDelimited and decodeDelimited keep messages apart in one buffer', () => {
  const writer = new ByteWriter()
  const long = { src: `/${'d'.repeat(20_000)}` }
  GetFileInfoRequestProto.encodeDelimited(writer, long)
  BlockProto.encodeDelimited(writer, block)
  const reader = new ByteReader(writer.view())
  assert.deepEqual(GetFileInfoRequestProto.decodeDelimited(reader), long)
  assert.deepEqual(BlockProto.decodeDelimited(reader), block)
  assert.equal(reader.remaining, 0)
})

test('decode honours the range it is given', () => {
  const bytes = Uint8Array.of(0xff, ...BlockProto.encode(block), 0xff)
  assert.deepEqual(BlockProto.decode(bytes, 1, bytes.length - 1), block)
})

test('encode starts clean after a message that could not be encoded', () => {
  assert.throws(() => AddBlockResponseProto.encode({ block: {} as LocatedBlockProto }))
  assert.equal(formatHex(BlockProto.encode({ blockId: 1n, genStamp: 2n })), '08011002')
})

test('lists may be left out when encoding, and come back empty', () => {
  const bytes = PipelineAckProto.encode({ seqno: 1n } as PipelineAckProto)
  assert.deepEqual(PipelineAckProto.decode(bytes), {
    seqno: 1n,
    reply: [],
    downstreamAckTimeNanos: undefined,
    flag: [],
  })
})

test('numbers of enumerations that we do not know survive', () => {
  const header = { callId: -3, clientId: new Uint8Array(16), rpcKind: 77, rpcOp: -1 }
  const decoded = RpcRequestHeaderProto.decode(RpcRequestHeaderProto.encode(header))
  assert.deepEqual([decoded.rpcKind, decoded.rpcOp, decoded.callId], [77, -1, -3])
  assert.equal(decoded.retryCount, undefined, 'declared defaults are the caller’s to apply')
})

test('names that two protocols have carry their package in the flat index', () => {
  assert.equal(DatanodeErrorReportRequestProto.typeName, 'hadoop.hdfs.datanode.ErrorReportRequestProto')
  assert.equal(NamenodeErrorReportRequestProto.typeName, 'hadoop.hdfs.namenode.ErrorReportRequestProto')
})

test('services list their methods with both codecs; enumerations their numbers', () => {
  const { getFileInfo } = ClientNamenodeProtocol
  assert.equal(getFileInfo.name, 'getFileInfo')
  assert.equal(getFileInfo.request, GetFileInfoRequestProto)
  assert.equal(getFileInfo.response, GetFileInfoResponseProto)
  assert.equal(Object.keys(ClientNamenodeProtocol).length, 111)
  assert.equal(ChecksumTypeProto.CHECKSUM_CRC32C, 2)
  assert.equal(HdfsFileStatusProto_FileType.IS_DIR, 1)
})
