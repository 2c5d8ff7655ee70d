import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ByteWriter, concatBytes, ProtocolError } from '@cairn/bytes'
import { mutated, seededRandom } from '@cairn/testkit'
import { type EditRecord, writeEditOp } from './frame.ts'
import type { EditOp } from './operations.ts'
import {
  EditSegmentDecoder,
  encodeSegmentHeader,
  type SegmentEnd,
  segmentHeaderBytes,
} from './segment-decoder.ts'

/** Written by a NameNode of Apache Hadoop 3.4.3 while its shell ran commands of many kinds. */
const javaSegment = new Uint8Array(
  readFileSync(new URL('../../test-data/edits_0000000000000000001-0000000000000000050', import.meta.url)),
)

function decodeAll(
  chunks: readonly Uint8Array[],
  firstTxid?: number,
): { records: EditRecord[]; end: SegmentEnd } {
  const decoder = new EditSegmentDecoder({ firstTxid })
  const records: EditRecord[] = []
  for (const chunk of chunks) {
    decoder.push(chunk)
    for (let record = decoder.next(); record !== undefined; record = decoder.next()) records.push(record)
  }
  return { records, end: decoder.end() }
}

function segment(ops: readonly EditOp[], firstTxid = 1): { bytes: Uint8Array; ends: number[] } {
  const writer = new ByteWriter()
  writer.bytes(encodeSegmentHeader())
  const ends = ops.map((op, index) => {
    writeEditOp(writer, firstTxid + index, op)
    return writer.length
  })
  return { bytes: writer.take(), ends }
}

const sixDirectories: EditOp[] = [
  { op: 'OP_START_LOG_SEGMENT' },
  ...[1, 2, 3, 4, 5].map((number): EditOp => ({ op: 'OP_ALLOW_SNAPSHOT', snapshotRoot: `/d${number}` })),
]

test('[edits.segment.1] a segment of Java 3.4.3 is decoded whole and encoded to the same bytes', () => {
  const { records, end } = decodeAll([javaSegment], 1)
  assert.deepEqual(end, { kind: 'clean', offset: javaSegment.length, lastTxid: 50 })
  const { bytes } = segment(records.map(({ op }) => op))
  assert.deepEqual(bytes, javaSegment)
  const mkdir = records.find(({ op }) => op.op === 'OP_MKDIR' && op.path === '/data/päth/🎉')
  assert.ok(mkdir !== undefined)
})

test('a segment cut at any byte gives the operations before the cut, and says clean or torn', () => {
  const { bytes, ends } = segment(sixDirectories)
  for (let length = 0; length < bytes.length; length++) {
    const { records, end } = decodeAll([bytes.subarray(0, length)])
    const whole = ends.filter((at) => at <= length).length
    assert.equal(records.length, whole, `cut at ${length}`)
    assert.equal(
      end.kind,
      ends.includes(length) || length === segmentHeaderBytes ? 'clean' : 'torn',
      `cut at ${length}`,
    )
    assert.equal(end.offset, length < segmentHeaderBytes ? 0 : (ends[whole - 1] ?? segmentHeaderBytes))
  }
})

test('every split of a segment equals one chunk', () => {
  const whole = decodeAll([javaSegment])
  for (let at = 1; at < javaSegment.length; at += 7) {
    assert.deepEqual(decodeAll([javaSegment.subarray(0, at), javaSegment.subarray(at)]), whole)
  }
  assert.deepEqual(decodeAll(Array.from(javaSegment, (_, at) => javaSegment.subarray(at, at + 1))), whole)
})

test('[edits.segment.3] padding ends a segment, and anything behind it is damage', () => {
  const { bytes } = segment(sixDirectories)
  const padding = new Uint8Array(100).fill(0xff)
  assert.equal(decodeAll([bytes, padding]).end.kind, 'padded')
  assert.equal(decodeAll([bytes, padding, new Uint8Array(9)]).end.kind, 'padded')
  assert.throws(() => decodeAll([bytes, padding, bytes.subarray(8)]), { code: 'ERR_HSTORAGE_EDITS_CORRUPT' })
  assert.equal(decodeAll([padding]).end.kind, 'torn')
  assert.equal(decodeAll([new Uint8Array(100)]).end.kind, 'torn')
})

test('a changed byte is damage where operations follow, and a torn end in the last operation', () => {
  const { bytes, ends } = segment(sixDirectories)
  const lastStart = ends.at(-2)!
  for (let at = segmentHeaderBytes; at < bytes.length; at++) {
    const damaged = bytes.slice()
    damaged[at] = damaged[at]! ^ 0x10
    if (at < lastStart) {
      assert.throws(() => decodeAll([damaged]), { code: 'ERR_HSTORAGE_EDITS_CORRUPT' }, `changed at ${at}`)
    } else {
      const { end, records } = decodeAll([damaged])
      assert.equal(end.kind, 'torn')
      assert.equal(end.offset, lastStart)
      assert.equal(records.length, 5)
    }
  }
})

test('a torn operation followed by claimed room is a torn end', () => {
  const { bytes, ends } = segment(sixDirectories)
  const cut = bytes.subarray(0, bytes.length - 3)
  const { end } = decodeAll([concatBytes([cut, new Uint8Array(4096).fill(0xff)])])
  assert.equal(end.kind, 'torn')
  assert.equal(end.offset, ends.at(-2))
})

test('[edits.segment.2] transaction ids must follow each other', () => {
  const first = segment(sixDirectories).bytes
  const gap = segment(sixDirectories, 8).bytes.subarray(segmentHeaderBytes)
  assert.throws(() => decodeAll([first, gap]), { code: 'ERR_HSTORAGE_EDITS_SEQUENCE' })
  assert.throws(() => decodeAll([first, first.subarray(segmentHeaderBytes)]), {
    code: 'ERR_HSTORAGE_EDITS_SEQUENCE',
  })
  assert.throws(() => decodeAll([first], 2), { code: 'ERR_HSTORAGE_EDITS_SEQUENCE' })
})

test('[edits.segment.1] headers of other layouts are refused by name', () => {
  const other = encodeSegmentHeader()
  new DataView(other.buffer).setInt32(0, -60)
  assert.throws(() => decodeAll([other]), { code: 'ERR_HSTORAGE_LAYOUT_VERSION', message: /-60; -67/ })
  const flagged = encodeSegmentHeader()
  flagged[7] = 1
  assert.throws(() => decodeAll([flagged]), { code: 'ERR_HSTORAGE_LAYOUT_FLAGS' })
})

test('random changes end in records or a ProtocolError, and never in other records', () => {
  const random = seededRandom(3)
  const { bytes } = segment(sixDirectories)
  const whole = decodeAll([bytes]).records
  for (let round = 0; round < 3000; round++) {
    try {
      const { records } = decodeAll([mutated(bytes, random)])
      assert.deepEqual(records, whole.slice(0, records.length))
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
})
