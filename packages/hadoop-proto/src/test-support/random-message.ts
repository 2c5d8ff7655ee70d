import { type Random, randomBytes, randomInteger } from '@cairn/testkit'
import type { FieldDescriptor } from '../runtime/field-descriptor.ts'
import type { MessageCodec } from '../runtime/message-codec.ts'

// Values at every border that the encoding has: lengths of varints, signs, the ends of the ranges.
const signed32 = [0, 1, -1, 127, 128, -128, 300, 16_384, 0x7fff_ffff, -0x8000_0000]
const unsigned32 = [0, 1, 127, 128, 300, 16_383, 16_384, 0x7fff_ffff, 0xffff_ffff]
const unsigned64 = [0n, 1n, 127n, 128n, 1n << 28n, 1n << 49n, (1n << 53n) + 1n, 1n << 56n, (1n << 63n) - 1n]
const negative64 = [-1n, -128n, -(1n << 53n) - 1n, -(1n << 63n)]
const floats = [0, 1, -1, 0.5, 1.5e10, Number.POSITIVE_INFINITY]
const byteCounts = [0, 1, 16, 33, 127, 128, 200]
const texts = [
  '',
  'a',
  '/user/alice/part-00000',
  'Grüße',
  '日本語',
  '😀 😀',
  'x'.repeat(49),
  'y'.repeat(127),
  'ü'.repeat(70),
  'z'.repeat(300),
]

const choices: Partial<Record<FieldDescriptor['type'], readonly unknown[]>> = {
  bool: [false, true],
  string: texts,
  float: floats,
  double: floats,
  int32: signed32,
  sint32: signed32,
  sfixed32: signed32,
  uint32: unsigned32,
  fixed32: unsigned32,
  uint64: [...unsigned64, (1n << 64n) - 1n],
  fixed64: [...unsigned64, (1n << 64n) - 1n],
  int64: [...unsigned64, ...negative64],
  sint64: [...unsigned64, ...negative64],
  sfixed64: [...unsigned64, ...negative64],
}

const pick = <T>(random: Random, from: readonly T[]): T => from[randomInteger(random, from.length)]!

function randomScalar({ type, enum: table }: FieldDescriptor, random: Random): unknown {
  if (type === 'bytes') return randomBytes(random, pick(random, byteCounts))
  return pick(random, type === 'enum' ? Object.values(table!) : choices[type]!)
}

/** A value of any message, made from its field table alone. Deep messages become sparse, so that it ends soon. */
export function randomMessage<T>(codec: MessageCodec<T>, random: Random, depth = 0): T {
  const value: Record<string, unknown> = {}
  for (const field of codec.fields) {
    const one = () =>
      field.message ? randomMessage(field.message, random, depth + 1) : randomScalar(field, random)
    if (field.label === 'repeated') {
      const count = depth > 3 ? 0 : randomInteger(random, depth === 0 ? 5 : 3)
      value[field.name] = Array.from({ length: count }, one)
    } else {
      const present = field.label === 'required' || randomInteger(random, depth > 2 ? 4 : 2) === 0
      value[field.name] = present ? one() : undefined
    }
  }
  return value as T
}
