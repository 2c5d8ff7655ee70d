import { slices } from './crc-tables.ts'

/**
 * Writes the WebAssembly module of the checksum kernel (WebAssembly Core Specification 1.0, section 5 "Binary
 * Format"), byte by byte, from the description below; so nothing is shipped that was not written here.
 *
 *     memory "memory"                                       pages are fixed, the caller lays them out
 *     update(tables, crc, from, to) -> crc                  the register over bytes [from, to)
 *     chunks(tables, from, to, chunkBytes, sums)            finished CRC of every chunk, big endian, to `sums` on
 *
 * `tables` is the address of the 16 × 256 words of `crcTables`.
 */
export function wasmModule(memoryPages: number): Uint8Array {
  const i32Params = (count: number) => Array.from({ length: count }, () => i32)
  const types = [
    [0x60, ...vector(i32Params(4).map((type) => [type])), ...vector([[i32]])],
    [0x60, ...vector(i32Params(5).map((type) => [type])), ...vector([])],
  ]
  const exports = [
    [...name('memory'), 0x02, 0],
    [...name('update'), 0x00, 0],
    [...name('chunks'), 0x00, 1],
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([[0x01, ...unsigned(memoryPages), ...unsigned(memoryPages)]])),
    ...section(7, vector(exports)),
    ...section(10, vector([updateBody(), chunksBody()])),
  ])
}

const i32 = 0x7f
const i64 = 0x7e

/** Opcodes (section 5.4 of the specification), only those in use. */
const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  branch: (depth: number) => [0x0c, depth],
  branchIf: (depth: number) => [0x0d, depth],
  call: (index: number) => [0x10, index],
  select: [0x1b],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  tee: (local: number) => [0x22, local],
  load32: (offset: number) => [0x28, 0, ...unsigned(offset)],
  load64: (offset: number) => [0x29, 0, ...unsigned(offset)],
  load8: [0x2d, 0, 0],
  store32: [0x36, 0, 0],
  const32: (value: number) => [0x41, ...signed(value)],
  const64: (value: number) => [0x42, ...signed(value)],
  gtU: [0x4b],
  geU: [0x4f],
  ltU: [0x49],
  add: [0x6a],
  sub: [0x6b],
  and: [0x71],
  or: [0x72],
  xor: [0x73],
  shl: [0x74],
  shrU: [0x76],
  rotl: [0x77],
  wrap64: [0xa7],
  xor64: [0x85],
  shrU64: [0x88],
  extendU32: [0xad],
} as const

function unsigned(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return bytes
}

function signed(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest & 0x7f)
  return bytes
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function name(text: string): number[] {
  return [...unsigned(text.length), ...Array.from(text, (character) => character.charCodeAt(0))]
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function body(locals: readonly (readonly [count: number, type: number])[], code: number[]): number[] {
  const content = [...vector(locals), ...code, ...op.end]
  return [...unsigned(content.length), ...content]
}

/** The table word for byte `index` (0 = first) of the eight bytes in `word`, which `slice` bytes follow in the step. */
function lookup(tables: number, word: number, index: number, slice: number): number[] {
  const bits = index * 8
  // The byte times four is the word's place in its table: shift so that it lands there, then mask.
  const placed =
    bits === 0
      ? [...op.get(word), ...op.wrap64, ...op.const32(2), ...op.shl]
      : [...op.get(word), ...op.const64(bits - 2), ...op.shrU64, ...op.wrap64]
  return [
    ...placed,
    ...op.const32(0x3fc),
    ...op.and,
    ...op.get(tables),
    ...op.add,
    ...op.load32(slice * 1024),
  ]
}

function updateBody(): number[] {
  const [tables, crc, from, to, low, high] = [0, 1, 2, 3, 4, 5]
  const words = Array.from({ length: slices }, (_, index) =>
    lookup(tables, index < 8 ? low : high, index % 8, slices - 1 - index),
  )
  const step16 = [
    ...[...op.get(from), ...op.load64(0), ...op.get(crc), ...op.extendU32, ...op.xor64, ...op.set(low)],
    ...[...op.get(from), ...op.load64(8), ...op.set(high)],
    ...words.flatMap((word, index) => (index === 0 ? word : [...word, ...op.xor])),
    ...op.set(crc),
    ...[...op.get(from), ...op.const32(slices), ...op.add, ...op.set(from)],
  ]
  const step1 = [
    ...[...op.get(from), ...op.load8, ...op.get(crc), ...op.xor, ...op.const32(0xff), ...op.and],
    ...[...op.const32(2), ...op.shl, ...op.get(tables), ...op.add, ...op.load32(0)],
    ...[...op.get(crc), ...op.const32(8), ...op.shrU, ...op.xor, ...op.set(crc)],
    ...[...op.get(from), ...op.const32(1), ...op.add, ...op.set(from)],
  ]
  const left = [...op.get(to), ...op.get(from), ...op.sub]
  return body(
    [[2, i64]],
    [
      ...whileLoop([...left, ...op.const32(slices), ...op.ltU], step16),
      ...whileLoop([...op.get(from), ...op.get(to), ...op.geU], step1),
      ...op.get(crc),
    ],
  )
}

/** `until` leaves a truth value: the loop ends when it is true. */
function whileLoop(until: readonly number[], step: readonly number[]): number[] {
  return [
    ...[...op.block, ...op.loop, ...until, ...op.branchIf(1)],
    ...step,
    ...[...op.branch(0), ...op.end, ...op.end],
  ]
}

function chunksBody(): number[] {
  const [tables, from, to, chunkBytes, sums, end] = [0, 1, 2, 3, 4, 5]
  // The end of the chunk: chunkBytes further, or `to` when fewer bytes are left.
  const chunkEnd = [
    ...[...op.get(from), ...op.get(chunkBytes), ...op.add],
    ...op.get(to),
    ...[...op.get(to), ...op.get(from), ...op.sub, ...op.get(chunkBytes), ...op.gtU],
    ...op.select,
    ...op.set(end),
  ]
  const finished = [
    ...[...op.get(tables), ...op.const32(-1), ...op.get(from), ...op.get(end), ...op.call(0)],
    ...[...op.const32(-1), ...op.xor, ...op.tee(6)],
  ]
  // Two rotations and two masks turn the word's bytes round.
  const bigEndian = [
    ...[...op.const32(8), ...op.rotl, ...op.const32(0x00ff00ff), ...op.and],
    ...[...op.get(6), ...op.const32(24), ...op.rotl, ...op.const32(0xff00ff00 | 0), ...op.and],
    ...op.or,
  ]
  const step = [
    ...chunkEnd,
    ...[...op.get(sums), ...finished, ...bigEndian, ...op.store32],
    ...[...op.get(sums), ...op.const32(4), ...op.add, ...op.set(sums)],
    ...[...op.get(end), ...op.set(from)],
  ]
  return body([[2, i32]], whileLoop([...op.get(from), ...op.get(to), ...op.geU], step))
}
