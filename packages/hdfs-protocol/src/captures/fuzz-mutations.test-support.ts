import { concatBytes } from '@cairn/bytes'
import { mutated, type Random, randomBytes, randomInteger } from '@cairn/testkit'

/** Lengths, counts and tags that decoders should not like, as they stand on the wire. */
const unlikely: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xfe],
  [0xff, 0xff],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x0b],
  [0x88],
  [0x8f, 0x7f],
]

function overwritten(bytes: Uint8Array, random: Random): Uint8Array {
  const out = bytes.slice()
  const chosen = unlikely[randomInteger(random, unlikely.length)]!
  out.set(
    chosen.slice(0, Math.max(0, out.length - 1)),
    randomInteger(random, Math.max(1, out.length - chosen.length)),
  )
  return out
}

/** A stretch of the bytes many times: nesting and repetition. */
function repeated(bytes: Uint8Array, random: Random): Uint8Array {
  const at = randomInteger(random, bytes.length)
  const part = bytes.slice(at, at + 1 + randomInteger(random, 24))
  const times = 1 + randomInteger(random, 400)
  return concatBytes([
    bytes.subarray(0, at),
    ...Array.from({ length: times }, () => part),
    bytes.subarray(at),
  ])
}

/** Changes recorded bytes: a little, at a length, by repetition, by a cut, with the end of `other`, or to noise. */
export function hostile(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return randomBytes(random, randomInteger(random, 64))
  switch (randomInteger(random, 10)) {
    case 0:
    case 1:
      return overwritten(bytes, random)
    case 2:
      return overwritten(mutated(bytes, random), random)
    case 3:
      return repeated(bytes, random)
    case 4:
      return bytes.slice(0, randomInteger(random, bytes.length))
    case 5: {
      const from = other.subarray(randomInteger(random, Math.max(1, other.length)))
      return concatBytes([bytes.subarray(0, randomInteger(random, bytes.length)), from])
    }
    case 6: {
      const noise = randomBytes(random, randomInteger(random, 200))
      return concatBytes([bytes.subarray(0, randomInteger(random, bytes.length)), noise])
    }
    default:
      return mutated(bytes, random)
  }
}
