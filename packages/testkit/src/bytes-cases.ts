import { type Random, randomInteger } from './random.ts'

/** Every proper prefix of `bytes`, from nothing to all but one byte. */
export function* truncations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length++) yield bytes.subarray(0, length)
}

/** `bytes` cut in two at every place, and once byte by byte: a session must see the same events each time. */
export function* splits(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes]
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
}

/** A copy of `bytes` with a few bytes changed, inserted, removed or repeated: nearly right input finds more than noise. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let out: Uint8Array = bytes.slice()
  const changes = 1 + randomInteger(random, 4)
  for (let change = 0; change < changes && out.length > 0; change++) {
    const at = randomInteger(random, out.length)
    const kind = randomInteger(random, 5)
    if (kind === 0) out[at] = randomInteger(random, 256)
    else if (kind === 1) out[at] = out[at]! ^ (1 << randomInteger(random, 8))
    else if (kind === 2) out = spliced(out, at, 1, new Uint8Array(0))
    else if (kind === 3) out = spliced(out, at, 0, Uint8Array.of(randomInteger(random, 256)))
    else out = spliced(out, at, 0, out.slice(at, at + randomInteger(random, 16)))
  }
  return out
}

function spliced(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - remove + insert.length)
  out.set(bytes.subarray(0, at))
  out.set(insert, at)
  out.set(bytes.subarray(at + remove), at + insert.length)
  return out
}
