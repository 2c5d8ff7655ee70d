import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter, formatHex, parseHex } from '@cairn/bytes'
import type { Field } from './field.ts'
import { writeEditOp } from './frame.ts'
import type { EditOp } from './operations.ts'
import { aclEntries, blocks, compactBlocks, noRpcIds, permissionStatus } from './structures.ts'

function hex(text: string): string {
  return formatHex(parseHex(text))
}

function roundTrip<T>(field: Field<T>, value: T, bytes: string): void {
  const writer = new ByteWriter()
  field.write(writer, value)
  assert.equal(formatHex(writer.view()), hex(bytes))
  assert.deepEqual(field.read(new ByteReader(parseHex(bytes))), value)
}

/** Body of an operation: what lies between its transaction id and its checksum. */
function bodyOf(op: EditOp): string {
  const writer = new ByteWriter()
  writeEditOp(writer, 1, op)
  return formatHex(writer.view().subarray(13, -4))
}

test('[edits.op.5] names in a permission are real UTF-8 with a vint length', () => {
  const value = { username: '🎉', groupname: '', mode: 0o755 }
  roundTrip(permissionStatus, value, '04 f09f8e89  00  01ed')
})

test('[edits.op.7] blocks are written whole, or as differences to the block before', () => {
  const two = [
    { blockId: 1n, numBytes: 100, generationStamp: 1001 },
    { blockId: 2n, numBytes: 40, generationStamp: 1003 },
  ]
  const [one, other] = ['0000000000000001', '0000000000000002']
  const whole = `00000002 ${one} 0000000000000064 00000000000003e9 ${other} 0000000000000028 00000000000003eb`
  roundTrip(blocks, two, whole)
  roundTrip(compactBlocks, two, `02 ${one} 64 8e03e9 ${other} c4 02`)
})

test('[edits.op.8] the time of OP_MKDIR is there twice, an unchanged owner is empty, and ACL entries are a byte and a name', () => {
  const permissions = { username: 'a', groupname: 'b', mode: 0o700 }
  const mkdir = { op: 'OP_MKDIR', inodeId: 3, path: '/', timestamp: 9, aclEntries: [], xAttrs: [] } as const
  assert.equal(
    bodyOf({ ...mkdir, aclEntries: [], xAttrs: [], permissions }),
    hex('0000000000000003 00012f 0000000000000009 0000000000000009 0161 0162 01c0 00000000 00'),
  )
  const owner: EditOp = { op: 'OP_SET_OWNER', src: '/', username: undefined, groupname: 'b' }
  assert.equal(bodyOf(owner), hex('00012f 0000 000162'))
  const entries = [
    { type: 2, scope: 0, permissions: 7 },
    { type: 1, scope: 1, permissions: 5, name: 'b' },
  ]
  roundTrip(aclEntries, entries, '00000002 17 6d 000162')
})

test('[edits.op.9] operations that are not idempotent end with the ids of their call', () => {
  const call = { rpcClientId: new Uint8Array(16).fill(0xab), rpcCallId: 7 }
  const remove = { op: 'OP_DELETE', path: '/', timestamp: 1 } as const
  assert.equal(
    bodyOf({ ...remove, ...call }),
    hex(`00012f 0000000000000001 0010 ${'ab'.repeat(16)} 00000007`),
  )
  assert.equal(bodyOf({ ...remove, ...noRpcIds }), hex('00012f 0000000000000001 0000 fffffffe'))
})
