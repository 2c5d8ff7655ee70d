import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError, ReceiveBuffer } from './index.ts'

test('ReceiveBuffer gives back what was put in, whatever the sizes of puts and takes', () => {
  const buffer = new ReceiveBuffer({ initialBytes: 8, maxBytes: 64 })
  let written = 0
  let read = 0
  for (let step = 0; step < 2000; step++) {
    const put = (step * 7) % 13
    if (buffer.length + put <= 64) {
      buffer.push(Uint8Array.from({ length: put }, () => written++ & 255))
    }
    const take = Math.min(buffer.length, (step * 5) % 11)
    for (const byte of buffer.view(0, take)) assert.equal(byte, read++ & 255)
    buffer.consume(take)
  }
  assert.ok(read > 5000)
})

test('ReceiveBuffer lets a socket read into its free tail', () => {
  const buffer = new ReceiveBuffer({ initialBytes: 16, maxBytes: 32 })
  buffer.writable(4).set([0, 0, 0, 5])
  buffer.commit(4)
  assert.equal(buffer.i32be(0), 5)
  assert.equal(buffer.u8(3), 5)
  assert.equal(buffer.i16be(2), 5)
  buffer.consume(4)
  assert.equal(buffer.writable().length, 16)
})

test('ReceiveBuffer refuses to hold more than its limit', () => {
  const buffer = new ReceiveBuffer({ initialBytes: 4, maxBytes: 8 })
  buffer.push(new Uint8Array(8))
  assert.throws(
    () => buffer.push(Uint8Array.of(1)),
    (error) => error instanceof ProtocolError && error.code === 'ERR_BYTES_BUFFER_FULL',
  )
  buffer.consume(1)
  buffer.push(Uint8Array.of(1))
  assert.equal(buffer.length, 8)
})
