import { type CodingKernel, checkUnits } from './coding-kernel.ts'
import { multiply as times } from './galois-field.ts'

/** Sums of one run live in here: small enough for the nearest cache. */
const runBytes = 4096

/** Products of a byte with the coefficients of up to four outputs, one in each byte of the word. */
function packedProducts(coefficients: readonly number[]): Uint32Array {
  const table = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let word = 0
    coefficients.forEach((coefficient, lane) => {
      word |= times(coefficient, byte) << (lane * 8)
    })
    table[byte] = word
  }
  return table
}

function addProducts(sums: Uint32Array, table: Uint32Array, input: Uint8Array, at: number, count: number) {
  for (let i = 0; i < count; i++) sums[i]! ^= table[input[at + i]!]!
}

function multiply(matrix: Uint8Array, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void {
  const length = checkUnits(matrix, inputs, outputs)
  const sums = new Uint32Array(Math.min(runBytes, length))
  for (let first = 0; first < outputs.length; first += 4) {
    const group = outputs.slice(first, first + 4)
    const tables = inputs.map((_, j) =>
      packedProducts(group.map((_, lane) => matrix[(first + lane) * inputs.length + j]!)),
    )
    for (let at = 0; at < length; at += runBytes) {
      const count = Math.min(runBytes, length - at)
      sums.fill(0)
      inputs.forEach((input, j) => {
        addProducts(sums, tables[j]!, input, at, count)
      })
      group.forEach((output, lane) => {
        for (let i = 0; i < count; i++) output[at + i] = sums[i]! >>> (lane * 8)
      })
    }
  }
}

/** Plain code with tables: one look-up an input byte makes the products for four outputs. Works everywhere. */
export const portableKernel: CodingKernel = { name: 'portable', multiply }
