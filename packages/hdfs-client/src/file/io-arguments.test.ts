import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest, writeRequest } from './io-arguments.ts'

const buffer = new Uint8Array(10).map((_, index) => index)

test('readRequest resolves every form that node:fs/promises takes', () => {
  const whole = readRequest(buffer, undefined, undefined, undefined)
  assert.deepEqual([whole.target.byteOffset, whole.target.length, whole.position], [0, 10, undefined])
  const args = readRequest(buffer, 2, 3, 4n)
  assert.deepEqual([args.target.byteOffset, args.target.length, args.position], [2, 3, 4])
  const options = readRequest(buffer, { offset: 9, position: 5 }, undefined, undefined)
  assert.deepEqual([options.target.byteOffset, options.target.length, options.position], [9, 1, 5])
  const only = readRequest({ buffer, length: 4, position: -1 }, undefined, undefined, undefined)
  assert.deepEqual([only.target.length, only.position], [4, undefined])
  const view = readRequest(new Uint16Array(buffer.buffer, 2, 2), null, null, null)
  assert.deepEqual([view.target.byteOffset, view.target.length], [2, 4])
  assert.equal(readRequest(undefined, undefined, undefined, undefined).target.length, 16384)
})

test('writeRequest resolves bytes, options and text', () => {
  assert.deepEqual(writeRequest(buffer, 8, undefined, 7), { bytes: buffer.subarray(8), position: 7 })
  assert.deepEqual(
    writeRequest(buffer, { offset: 1, length: 2 }, undefined, undefined).bytes,
    buffer.subarray(1, 3),
  )
  const text = writeRequest('ü', 3, 'latin1', undefined)
  assert.deepEqual([[...text.bytes], text.position], [[0xfc], 3])
})

test('readRequest and writeRequest refuse ranges outside the buffer and odd positions', () => {
  assert.throws(() => readRequest(buffer, 5, 6, undefined), RangeError)
  assert.throws(() => writeRequest(buffer, -1, 2, undefined), RangeError)
  assert.throws(() => readRequest(buffer, 0, 1, 0.5), RangeError)
})
