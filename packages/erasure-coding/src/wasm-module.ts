/**
 * Writes the WebAssembly module of the coding kernel (WebAssembly Core Specification 2.0, section 5 "Binary Format"),
 * byte by byte, from the description below; so nothing is shipped that was not written here.
 *
 *     memory "memory"                                               pages are fixed, the caller lays them out
 *     row(tables, tablesEnd, inputs, inputsEnd, stride, output)     one output of the matrix product
 *
 * Input j begins at `inputs + j × stride`; input 0 ends at `inputsEnd`, and bytes are taken 32 at a time. Its 32 bytes
 * of tables, products with the low and with the high nibble, are at `tables + 32 × j`.
 */
export function wasmModule(memoryPages: number): Uint8Array {
  const parameters = Array.from({ length: 6 }, () => [i32])
  const exports = [
    [...name('memory'), 0x02, 0],
    [...name('row'), 0x00, 0],
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...vector(parameters), ...vector([])]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[0x01, ...unsigned(memoryPages), ...unsigned(memoryPages)]])),
    ...section(7, vector(exports)),
    ...section(10, vector([rowBody()])),
  ])
}

const i32 = 0x7f
const v128 = 0x7b

/** Opcodes (section 5.4 of the specification), only those in use. */
const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  branch: (depth: number) => [0x0c, depth],
  branchIf: (depth: number) => [0x0d, depth],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  const32: (value: number) => [0x41, value],
  geU: [0x4f],
  add: [0x6a],
  load128: (offset: number) => [0xfd, 0x00, 0, offset],
  store128: (offset: number) => [0xfd, 0x0b, 0, offset],
  const128: (byte: number) => [0xfd, 0x0c, ...new Uint8Array(16).fill(byte)],
  swizzle: [0xfd, 0x0e],
  and128: [0xfd, 0x4e],
  xor128: [0xfd, 0x51],
  shiftRight8: [0xfd, 0x6d],
} as const

function unsigned(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
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

/** `until` leaves a truth value after `step`: the loop ends when it is true. At least one step is taken. */
function repeat(step: readonly number[], until: readonly number[]): number[] {
  return [
    ...op.block,
    ...op.loop,
    ...step,
    ...until,
    ...op.branchIf(1),
    ...op.branch(0),
    ...op.end,
    ...op.end,
  ]
}

function rowBody(): number[] {
  const [tables, tablesEnd, inputs, inputsEnd, stride, output, table, input] = [0, 1, 2, 3, 4, 5, 6, 7]
  const sums = [8, 9]
  const [data, low, high] = [10, 11, 12]
  const advance = (local: number, bytes: number) => [
    ...[...op.get(local), ...op.const32(bytes), ...op.add],
    ...op.set(local),
  ]
  const addProduct = (half: number) => [
    ...[...op.get(input), ...op.load128(half * 16), ...op.set(data)],
    ...op.get(sums[half]!),
    ...[...op.get(low), ...op.get(data), ...op.const128(15), ...op.and128, ...op.swizzle, ...op.xor128],
    ...[...op.get(high), ...op.get(data), ...op.const32(4), ...op.shiftRight8, ...op.swizzle, ...op.xor128],
    ...op.set(sums[half]!),
  ]
  const oneInput = [
    ...[...op.get(table), ...op.load128(0), ...op.set(low)],
    ...[...op.get(table), ...op.load128(16), ...op.set(high)],
    ...addProduct(0),
    ...addProduct(1),
    ...[...op.get(input), ...op.get(stride), ...op.add, ...op.set(input)],
    ...advance(table, 32),
  ]
  const step = [
    ...sums.flatMap((sum) => [...op.const128(0), ...op.set(sum)]),
    ...[...op.get(tables), ...op.set(table), ...op.get(inputs), ...op.set(input)],
    ...repeat(oneInput, [...op.get(table), ...op.get(tablesEnd), ...op.geU]),
    ...sums.flatMap((sum, half) => [...op.get(output), ...op.get(sum), ...op.store128(half * 16)]),
    ...advance(inputs, 32),
    ...advance(output, 32),
  ]
  const locals = vector([
    [2, i32],
    [5, v128],
  ])
  const code = repeat(step, [...op.get(inputs), ...op.get(inputsEnd), ...op.geU])
  const content = [...locals, ...code, ...op.end]
  return [...unsigned(content.length), ...content]
}
