import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as zlib from 'node:zlib'
import type { ChecksumKernel } from './checksum-kernel.ts'
import { chooseKernel, kernel } from './choose-kernel.ts'
import { nativeKernel, nativeSoftwareKernel } from './native-kernel.ts'
import { portableKernel } from './portable-kernel.ts'
import { wasmKernel } from './wasm-kernel.ts'

const kernels: [string, ChecksumKernel][] = []
for (const [name, found] of [
  ['portable', portableKernel],
  ['wasm', wasmKernel],
  ['native', nativeKernel],
  ['native software', nativeSoftwareKernel],
] as const) {
  if (found !== undefined) kernels.push([name, found])
}
const types = ['CRC32', 'CRC32C'] as const

/** One bit at a time, straight from the definition: the oracle. */
function bitwiseCrc(type: 'CRC32' | 'CRC32C', data: Uint8Array): number {
  let crc = -1
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++)
      crc = (crc >>> 1) ^ (crc & 1 ? (type === 'CRC32' ? 0xedb88320 : 0x82f63b78) : 0)
  }
  return ~crc >>> 0
}

function seededBytes(length: number, seed: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 16
  })
}

const check = new TextEncoder().encode('123456789')
const random = seededBytes(4096 + 64, 1)

for (const [name, k] of kernels) {
  test(`${name}: crc gives the published check values`, () => {
    assert.equal(k.crc('CRC32', check), 0xcbf43926)
    assert.equal(k.crc('CRC32C', check), 0xe3069283)
    // RFC 3720, appendix B.4
    assert.equal(k.crc('CRC32C', new Uint8Array(32)), 0x8a9136aa)
    assert.equal(k.crc('CRC32C', new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.equal(
      k.crc(
        'CRC32C',
        Uint8Array.from({ length: 32 }, (_, i) => i),
      ),
      0x46dd794e,
    )
    assert.equal(
      k.crc(
        'CRC32C',
        Uint8Array.from({ length: 32 }, (_, i) => 31 - i),
      ),
      0x113fdb5c,
    )
    assert.equal(k.crc('CRC32', new Uint8Array(0)), 0)
  })

  test(`${name}: crc agrees with the definition for every length to 2000 at changing offsets`, () => {
    for (const type of types) {
      for (let length = 0; length <= 2000; length++) {
        const data = random.subarray(length % 17, (length % 17) + length)
        const expected =
          type === 'CRC32' && 'crc32' in zlib
            ? zlib.crc32(data)
            : length % 7 === 0 || length < 200
              ? bitwiseCrc(type, data)
              : portableKernel.crc(type, data)
        assert.equal(k.crc(type, data), expected, `${type} of ${length}`)
      }
    }
  })

  test(`${name}: crc continues from a previous value at any split`, () => {
    for (const type of types) {
      const data = random.subarray(3, 403)
      const whole = k.crc(type, data)
      for (let split = 0; split <= data.length; split++) {
        assert.equal(k.crc(type, data.subarray(split), k.crc(type, data.subarray(0, split))), whole)
      }
    }
  })

  test(`${name}: compute equals crc of each chunk, any bytesPerChecksum, and touches nothing else`, () => {
    for (const type of types) {
      for (const bytesPerChecksum of [
        1, 2, 3, 7, 8, 15, 16, 17, 63, 64, 65, 127, 511, 512, 513, 1024, 5000,
      ]) {
        for (const length of [0, 1, 5, 8, 63, 64, 512, 513, 2047, 2048, 4096]) {
          const data = random.subarray(1 + (length % 9), 1 + (length % 9) + length)
          const count = Math.ceil(length / bytesPerChecksum)
          const out = new Uint8Array(count * 4 + 10).fill(0xaa)
          assert.equal(k.compute(type, data, bytesPerChecksum, out, 5), count * 4)
          const view = new DataView(out.buffer)
          for (let index = 0; index < count; index++) {
            const chunk = data.subarray(index * bytesPerChecksum, (index + 1) * bytesPerChecksum)
            assert.equal(view.getUint32(5 + index * 4), portableKernel.crc(type, chunk))
          }
          assert.deepEqual(out.subarray(0, 5), new Uint8Array(5).fill(0xaa))
          assert.deepEqual(out.subarray(5 + count * 4), new Uint8Array(5).fill(0xaa))
          assert.equal(k.verify(type, data, bytesPerChecksum, out.subarray(5, 5 + count * 4)), -1)
        }
      }
    }
  })

  test(`${name}: compute equals the plain code for buffers beyond one batch and one window`, () => {
    const data = seededBytes(600_001, 9)
    for (const type of types) {
      for (const bytesPerChecksum of [1, 512, 4096, 65536, 140_000, 600_001, 1_000_000]) {
        const count = Math.ceil(data.length / bytesPerChecksum)
        const out = new Uint8Array(count * 4)
        const expected = new Uint8Array(count * 4)
        k.compute(type, data, bytesPerChecksum, out)
        portableKernel.compute(type, data, bytesPerChecksum, expected)
        assert.equal(Buffer.compare(out, expected), 0, `${type} ${bytesPerChecksum}`)
        assert.equal(k.crc(type, data), portableKernel.crc(type, data))
      }
    }
  })

  test(`${name}: verify names the first chunk that differs, for a flipped bit anywhere`, () => {
    for (const type of types) {
      const data = seededBytes(130 * 16 + 5, 3)
      const sums = new Uint8Array(131 * 4)
      k.compute(type, data, 16, sums)
      for (let at = 0; at < data.length; at += 3) {
        data[at]! ^= 0x10
        assert.equal(k.verify(type, data, 16, sums), Math.floor(at / 16))
        data[at]! ^= 0x10
      }
      for (let at = 0; at < sums.length; at++) {
        sums[at]! ^= 1
        assert.equal(k.verify(type, data, 16, sums), Math.floor(at / 4))
        sums[at]! ^= 1
      }
      assert.equal(k.verify(type, data, 16, sums), -1)
    }
  })

  test(`${name}: buffers too short and sizes out of range throw ERR_CHECKSUM_ARGUMENT`, () => {
    const wrong = { name: 'RangeError', code: 'ERR_CHECKSUM_ARGUMENT' }
    const data = new Uint8Array(1025)
    assert.throws(() => k.compute('CRC32C', data, 512, new Uint8Array(11)), wrong)
    assert.throws(() => k.compute('CRC32C', data, 512, new Uint8Array(12), 1), wrong)
    assert.throws(() => k.compute('CRC32C', data, 512, new Uint8Array(12), -1), wrong)
    assert.throws(() => k.compute('CRC32C', data, 512, new Uint8Array(12), 13), wrong)
    assert.throws(() => k.verify('CRC32', data, 512, new Uint8Array(8)), wrong)
    for (const size of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      assert.throws(() => k.compute('CRC32', data, size, new Uint8Array(4096)), wrong)
      assert.throws(() => k.verify('CRC32', data, size, new Uint8Array(4096)), wrong)
    }
  })

  test(`${name}: NULL has no checksums`, () => {
    assert.equal(k.compute('NULL', random, 512, new Uint8Array(0)), 0)
    assert.equal(k.verify('NULL', random, 512, new Uint8Array(0)), -1)
    assert.equal(k.crc('NULL', random), 0)
  })
}

test('kernel is the fastest there is unless CAIRN_CHECKSUM names one', () => {
  const fastest = nativeKernel ?? wasmKernel ?? portableKernel
  if (process.env.CAIRN_CHECKSUM === undefined) assert.equal(kernel, fastest)
  assert.equal(chooseKernel(undefined), fastest)
  assert.equal(chooseKernel(''), fastest)
  assert.equal(chooseKernel('portable').name, 'portable')
  if (wasmKernel) assert.equal(chooseKernel('wasm').name, 'wasm')
  assert.throws(() => chooseKernel('gpu'), { code: 'ERR_CHECKSUM_KERNEL' })
})
