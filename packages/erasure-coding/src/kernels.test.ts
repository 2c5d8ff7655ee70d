import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternBytes, randomBytes, seededRandom } from '@cairn/testkit'
import { chooseKernel, fastestKernel, kernel } from './choose-kernel.ts'
import type { CodingKernel } from './coding-kernel.ts'
import { inverse, multiply } from './galois-field.ts'
import { nativeKernel, nativeWays } from './native-kernel.ts'
import { portableKernel } from './portable-kernel.ts'
import { wasmKernel } from './wasm-kernel.ts'

const kernels: (readonly [string, CodingKernel])[] = [['portable', portableKernel]]
if (wasmKernel) kernels.push(['wasm', wasmKernel])
if (nativeKernel) kernels.push(['native', nativeKernel])
for (const [name, way] of nativeWays) kernels.push([`native ${name}`, way])

/** Bit by bit, straight from the definition of the field: the oracle. */
function bitwiseProduct(a: number, b: number): number {
  let result = 0
  for (let bit = 7; bit >= 0; bit--) {
    result = result & 0x80 ? (result << 1) ^ 0x11d : result << 1
    if ((b >> bit) & 1) result ^= a
  }
  return result
}

test('every product and every inverse of the field fits its definition', () => {
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) assert.equal(multiply(a, b), bitwiseProduct(a, b))
    if (a > 0) assert.equal(bitwiseProduct(a, inverse(a)), 1)
  }
  assert.throws(() => inverse(0), RangeError)
})

const random = seededRandom(7)

for (const [name, k] of kernels) {
  test(`${name}: every constant times every byte`, () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const output = new Uint8Array(256)
    for (let constant = 0; constant < 256; constant++) {
      k.multiply(Uint8Array.of(constant), [all], [output])
      for (let byte = 0; byte < 256; byte++) assert.equal(output[byte], bitwiseProduct(constant, byte))
    }
  })

  test(`${name}: agrees with the definition for all lengths and shapes, and touches nothing else`, () => {
    for (let length = 0; length <= 300; length++) {
      const inputCount = 1 + (length % 11)
      const outputCount = 1 + (length % 6)
      const matrix = randomBytes(random, inputCount * outputCount)
      const inputs = Array.from({ length: inputCount }, (_, j) => randomBytes(random, length + j).subarray(j))
      const spaces = Array.from({ length: outputCount }, () => new Uint8Array(length + 80).fill(0xaa))
      const outputs = spaces.map((space, r) => space.subarray(1 + r, 1 + r + length))
      k.multiply(matrix, inputs, outputs)
      outputs.forEach((output, r) => {
        for (let at = 0; at < length; at++) {
          let sum = 0
          inputs.forEach((input, j) => {
            sum ^= bitwiseProduct(matrix[r * inputCount + j]!, input[at]!)
          })
          assert.equal(output[at], sum)
        }
        output.fill(0xaa)
        assert.ok(spaces[r]!.every((byte) => byte === 0xaa))
      })
    }
  })

  test(`${name}: equals the plain code beyond one window`, () => {
    for (const [inputCount, outputCount, length] of [
      [6, 3, 100_003],
      [10, 4, 65_536],
      [16, 9, 40_001],
      [60, 1, 20_000],
    ] as const) {
      const matrix = randomBytes(random, inputCount * outputCount)
      const inputs = Array.from({ length: inputCount }, () => randomBytes(random, length))
      const outputs = Array.from({ length: outputCount }, () => new Uint8Array(length))
      const expected = Array.from({ length: outputCount }, () => new Uint8Array(length))
      k.multiply(matrix, inputs, outputs)
      portableKernel.multiply(matrix, inputs, expected)
      outputs.forEach((output, r) => {
        assert.equal(Buffer.compare(output, expected[r]!), 0)
      })
    }
  })

  test(`${name}: nothing to do is fine, nothing to add up is zero`, () => {
    const output = patternBytes(100)
    k.multiply(new Uint8Array(0), [], [output])
    assert.ok(output.every((byte) => byte === 0))
    k.multiply(new Uint8Array(0), [output], [])
    k.multiply(Uint8Array.of(1), [new Uint8Array(0)], [new Uint8Array(0)])
  })

  test(`${name}: units that do not fit throw ERR_ERASURE_CODING_ARGUMENT`, () => {
    const wrong = { name: 'RangeError', code: 'ERR_ERASURE_CODING_ARGUMENT' }
    const unit = new Uint8Array(8)
    assert.throws(() => k.multiply(Uint8Array.of(1), [unit], [new Uint8Array(7)]), wrong)
    assert.throws(() => k.multiply(Uint8Array.of(1, 1), [unit, new Uint8Array(9)], [unit]), wrong)
    assert.throws(() => k.multiply(Uint8Array.of(1, 1), [unit], [unit]), wrong)
    const many = Array.from({ length: 256 }, () => unit)
    assert.throws(() => k.multiply(new Uint8Array(256), many, [unit]), wrong)
  })
}

test('kernel is the fastest there is unless CAIRN_ERASURE_CODING names one', () => {
  const fastest = fastestKernel()
  if (process.env.CAIRN_ERASURE_CODING === undefined) assert.equal(kernel, fastest)
  assert.equal(chooseKernel(''), fastest)
  assert.equal(chooseKernel('portable').name, 'portable')
  if (wasmKernel) assert.equal(chooseKernel('wasm').name, 'wasm')
  assert.throws(() => chooseKernel('gpu'), { code: 'ERR_ERASURE_CODING_KERNEL' })
})
