import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Random, randomBytes, seededRandom } from '@cairn/testkit'
import { ErasureCoder } from './erasure-coder.ts'
import { isCodecName, type Schema, systemPolicies } from './schema.ts'
import { parityLines } from './test-support/java-vectors.ts'

const random: Random = seededRandom(11)

const pinned = readFileSync(new URL('../test-data/hadoop-3.4.3-parity.txt', import.meta.url), 'utf8')

test('[ec.rs.1] [ec.legacy.1] [ec.xor.1] parity is what the coders of Hadoop 3.4.3 make', () => {
  const lines = pinned.trim().split('\n')
  assert.equal(lines.length, 8)
  assert.deepEqual(parityLines(lines), lines)
})

/** All ways to choose up to `most` of `count`. */
function* subsets(count: number, most: number, from = 0): Generator<number[]> {
  yield []
  if (most === 0) return
  for (let first = from; first < count; first++) {
    for (const rest of subsets(count, most - 1, first + 1)) yield [first, ...rest]
  }
}

function madeGroup(schema: Schema, coder: ErasureCoder, length: number): Uint8Array[] {
  const data = Array.from({ length: schema.dataUnits }, () => randomBytes(random, length))
  const parity = Array.from({ length: schema.parityUnits }, () => new Uint8Array(length))
  coder.encode(data, parity)
  return [...data, ...parity]
}

for (const { name, schema } of systemPolicies) {
  test(`${name}: whatever up to ${schema.parityUnits} units are lost, the others make them`, () => {
    const coder = new ErasureCoder(schema)
    const group = madeGroup(schema, coder, 41)
    for (const erased of subsets(group.length, schema.parityUnits)) {
      const units = group.map((unit, index) => (erased.includes(index) ? undefined : unit))
      const outputs = erased.map(() => new Uint8Array(41))
      coder.decode(units, erased, outputs)
      assert.deepEqual(
        outputs,
        erased.map((index) => group[index]!),
      )
    }
  })

  test(`${name}: one unit fewer than needed is an error that names those at hand`, () => {
    const coder = new ErasureCoder(schema)
    const units = madeGroup(schema, coder, 8).map((unit, index) =>
      index <= schema.parityUnits ? undefined : unit,
    )
    assert.throws(() => coder.decode(units, [0], [new Uint8Array(8)]), {
      code: 'ERR_ERASURE_CODING_LOST',
      message: new RegExp(`any ${schema.dataUnits} are needed`),
    })
  })
}

test('only some of the lost units can be asked for, in any order, and what is there too', () => {
  const schema = { codec: 'rs', dataUnits: 6, parityUnits: 3 } as const
  const coder = new ErasureCoder(schema)
  const group = madeGroup(schema, coder, 100)
  const units = group.map((unit, index) => ([1, 4, 8].includes(index) ? undefined : unit))
  const outputs = [new Uint8Array(100), new Uint8Array(100), new Uint8Array(100)]
  coder.decode(units, [8, 1, 7], outputs)
  assert.deepEqual(outputs, [group[8], group[1], group[7]])
})

test('schemas that no group can have are refused', () => {
  for (const [dataUnits, parityUnits] of [
    [0, 1],
    [1, 0],
    [14, 3],
    [1.5, 1],
    [Number.NaN, 1],
    [-1, 2],
  ] as const) {
    assert.throws(() => new ErasureCoder({ codec: 'rs', dataUnits, parityUnits }), {
      code: 'ERR_ERASURE_CODING_ARGUMENT',
    })
  }
  assert.throws(() => new ErasureCoder({ codec: 'xor', dataUnits: 2, parityUnits: 2 }), RangeError)
  const coder = new ErasureCoder({ codec: 'xor', dataUnits: 1, parityUnits: 1 })
  const unit = new Uint8Array(1)
  assert.throws(() => coder.decode([unit], [2], [unit]), { code: 'ERR_ERASURE_CODING_ARGUMENT' })
  assert.throws(() => coder.decode([unit], [1], []), { code: 'ERR_ERASURE_CODING_ARGUMENT' })
  assert.ok(isCodecName('rs-legacy') && !isCodecName('dummy'))
})
