import { inverse, multiply } from './galois-field.ts'

/** A matrix over GF(2^8), rows one after the other. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly cells: Uint8Array
}

export function matrixOf(rows: number, columns: number): Matrix {
  return { rows, columns, cells: new Uint8Array(rows * columns) }
}

/** The rows of `matrix` that `indices` name, in that order. */
export function selectRows(matrix: Matrix, indices: readonly number[]): Matrix {
  const { columns } = matrix
  const selected = matrixOf(indices.length, columns)
  indices.forEach((index, row) => {
    selected.cells.set(matrix.cells.subarray(index * columns, (index + 1) * columns), row * columns)
  })
  return selected
}

export function product(a: Matrix, b: Matrix): Matrix {
  const result = matrixOf(a.rows, b.columns)
  for (let row = 0; row < a.rows; row++) {
    for (let column = 0; column < b.columns; column++) {
      let sum = 0
      for (let k = 0; k < a.columns; k++) {
        sum ^= multiply(a.cells[row * a.columns + k]!, b.cells[k * b.columns + column]!)
      }
      result.cells[row * b.columns + column] = sum
    }
  }
  return result
}

/** The inverse of a square matrix by Gauss and Jordan; undefined when it has none. */
export function inverted(matrix: Matrix): Matrix | undefined {
  const size = matrix.rows
  const work = matrix.cells.slice()
  const result = matrixOf(size, size)
  for (let i = 0; i < size; i++) result.cells[i * size + i] = 1
  for (let column = 0; column < size; column++) {
    let pivot = column
    while (pivot < size && work[pivot * size + column] === 0) pivot++
    if (pivot === size) return undefined
    for (const cells of [work, result.cells]) {
      swapRows(cells, size, pivot, column)
    }
    const factor = inverse(work[column * size + column]!)
    for (const cells of [work, result.cells]) scaleRow(cells, size, column, factor)
    for (let row = 0; row < size; row++) {
      const times = work[row * size + column]!
      if (row === column || times === 0) continue
      for (const cells of [work, result.cells]) addRow(cells, size, row, column, times)
    }
  }
  return result
}

function swapRows(cells: Uint8Array, size: number, a: number, b: number): void {
  if (a === b) return
  const kept = cells.slice(a * size, (a + 1) * size)
  cells.copyWithin(a * size, b * size, (b + 1) * size)
  cells.set(kept, b * size)
}

function scaleRow(cells: Uint8Array, size: number, row: number, factor: number): void {
  for (let at = row * size; at < (row + 1) * size; at++) cells[at] = multiply(cells[at]!, factor)
}

/** row += times × other */
function addRow(cells: Uint8Array, size: number, row: number, other: number, times: number): void {
  for (let column = 0; column < size; column++) {
    cells[row * size + column]! ^= multiply(times, cells[other * size + column]!)
  }
}
