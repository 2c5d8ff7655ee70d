import assert from 'node:assert/strict'
import { test } from 'node:test'
import { combineCrc } from './combine-crc.ts'
import { portableKernel } from './portable-kernel.ts'

const data = Uint8Array.from({ length: 3000 }, (_, i) => (i * 31 + (i >> 8) * 7) & 255)

test('combineCrc of both parts equals the crc of the whole, at every split', () => {
  for (const type of ['CRC32', 'CRC32C'] as const) {
    const whole = portableKernel.crc(type, data)
    for (let split = 0; split <= data.length; split++) {
      const a = portableKernel.crc(type, data.subarray(0, split))
      const b = portableKernel.crc(type, data.subarray(split))
      assert.equal(combineCrc(type, a, b, data.length - split), whole)
    }
  }
})

test('combineCrc with lengths beyond 32 bits equals combining in two steps', () => {
  for (const type of ['CRC32', 'CRC32C'] as const) {
    const zeroOf2To31 = (crc: number) => combineCrc(type, crc, 0, 2 ** 31)
    let expected = 0x1234_5678
    for (let times = 0; times < 8; times++) expected = zeroOf2To31(expected)
    assert.equal(combineCrc(type, 0x1234_5678, 0, 2 ** 34), expected)
  }
  assert.equal(combineCrc('NULL', 1, 2, 3), 0)
})
