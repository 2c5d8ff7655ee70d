import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter, ProtocolError, parseHex } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { mutated, seededRandom } from '@cairn/testkit'
import { checkFrame, decodeFrame, editFrameBytesMin, writeEditOp } from './frame.ts'
import { type EditOp, operations } from './operations.ts'
import { allEditSamples } from './testing/edit-samples.ts'

function encode(op: EditOp, txid = 5): Uint8Array {
  const writer = new ByteWriter()
  writeEditOp(writer, txid, op)
  return writer.take()
}

function decode(bytes: Uint8Array): { txid: number; op: EditOp } {
  const frame = checkFrame(bytes, 0)
  assert.ok(!('fault' in frame), JSON.stringify(frame))
  assert.equal(frame.end, bytes.length)
  return decodeFrame(bytes, frame)
}

test('writeEditOp writes what Java 3.4.3 writes, and decodeFrame reads it', () => {
  const segmentStart = parseHex('18 0000000c 0000000000000001 7043f0b7')
  assert.deepEqual(encode({ op: 'OP_START_LOG_SEGMENT' }, 1), segmentStart)
  assert.deepEqual(decode(segmentStart), { txid: 1, op: { op: 'OP_START_LOG_SEGMENT' } })

  const masterKey = parseHex(`
    15                     # OP_UPDATE_MASTER_KEY
    0000001d               # length
    0000000000000002       # transaction
    01                     # key id
    8a0160579d02b1         # expiry date
    08 ddb3d2c37b57926a    # key
    d2f1a767               # CRC-32`)
  const key = { keyId: 1, expiryDate: 1513298395825n, key: parseHex('ddb3d2c37b57926a') }
  assert.deepEqual(decode(masterKey), { txid: 2, op: { op: 'OP_UPDATE_MASTER_KEY', key } })
  assert.deepEqual(encode({ op: 'OP_UPDATE_MASTER_KEY', key }, 2), masterKey)
})

test('every operation comes back as it was written', () => {
  assert.equal(allEditSamples.length, Object.keys(operations).length)
  for (const op of allEditSamples) {
    const bytes = encode(op, 2 ** 40)
    const record = decode(bytes)
    assert.deepEqual(encode(record.op, record.txid), bytes, op.op)
    assert.equal(record.txid, 2 ** 40)
    assert.equal(record.op.op, op.op)
  }
})

test('opcodes are those of FSEditLogOpCodes: 0 to 52 without the dead 5 and 6, each once', () => {
  const opcodes = Object.values(operations).map(({ opcode }) => opcode)
  const expected = Array.from({ length: 53 }, (_, opcode) => opcode).filter(
    (opcode) => opcode !== 5 && opcode !== 6,
  )
  assert.deepEqual(
    [...opcodes].sort((a, b) => a - b),
    expected,
  )
})

test('checkFrame calls every proper prefix short', () => {
  for (const op of allEditSamples) {
    const bytes = encode(op)
    for (let length = 0; length < bytes.length; length++) {
      const found = checkFrame(bytes, 0, length)
      assert.ok('fault' in found && found.fault === 'short', `${op.op} cut at ${length}`)
    }
  }
})

test('[edits.op.2] checkFrame notices every changed byte', () => {
  for (const op of allEditSamples) {
    const bytes = encode(op)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice()
      damaged[at] = damaged[at]! ^ 0x41
      assert.ok('fault' in checkFrame(damaged, 0), `${op.op} changed at ${at}`)
    }
  }
})

test('decodeFrame answers bytes with a right checksum with a value or a ProtocolError', () => {
  const random = seededRandom(1)
  let faults = 0
  for (let round = 0; round < 20_000; round++) {
    const op = allEditSamples[round % allEditSamples.length]!
    const whole = encode(op)
    const body = mutated(whole.slice(13, -4), random)
    const writer = new ByteWriter()
    writer.bytes(whole.subarray(0, 1))
    writer.u32be(body.length + 12)
    writer.bytes(whole.subarray(5, 13))
    writer.bytes(body)
    writer.u32be(kernel.crc('CRC32', writer.view()))
    const bytes = writer.take()
    const frame = checkFrame(bytes, 0)
    assert.ok(!('fault' in frame))
    try {
      decodeFrame(bytes, frame)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, `${op.op}: ${error}`)
      faults++
    }
  }
  assert.ok(faults > 1000)
})

test('[edits.op.2] checkFrame refuses lengths outside the limits without touching the bytes they promise', () => {
  for (const length of ['00000000', '0000000b', '7fffffff', 'ffffffff']) {
    const found = checkFrame(parseHex(`18 ${length} ${'00'.repeat(editFrameBytesMin)}`), 0)
    assert.ok('fault' in found && found.fault === 'bad', length)
  }
})

test('writeEditOp refuses values that the format cannot hold', () => {
  const bad: [EditOp, string][] = [
    [{ op: 'OP_SET_GENSTAMP_V2', genStampV2: 2 ** 53 }, 'ERR_HSTORAGE_INTEGER'],
    [{ op: 'OP_SET_GENSTAMP_V2', genStampV2: 1.5 }, 'ERR_HSTORAGE_INTEGER'],
    [{ op: 'OP_ALLOW_SNAPSHOT', snapshotRoot: 'x'.repeat(65_536) }, 'ERR_HSTORAGE_TEXT'],
    [{ op: 'OP_ALLOW_SNAPSHOT', snapshotRoot: '☃'.repeat(21_846) }, 'ERR_HSTORAGE_TEXT'],
  ]
  for (const [op, code] of bad)
    assert.throws(() => encode(op), { name: 'ProtocolError', code, side: 'local' })
})
