/**
 * The arithmetic of every code here: a matrix over GF(2^8) times units of bytes. All kernels give the same results and
 * differ in speed only.
 */
export interface CodingKernel {
  readonly name: 'native' | 'wasm' | 'portable'
  /**
   * Makes `outputs[r]` the sum over j of `matrix[r * inputs.length + j] × inputs[j]`, byte by byte. Inputs may be the
   * same memory as each other, but not as an output.
   *
   * Units of different lengths, or a matrix that does not fit them, throw a `RangeError` with code
   * `ERR_ERASURE_CODING_ARGUMENT`: the caller's mistake, never the peer's.
   */
  multiply(matrix: Uint8Array, inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void
}

export function argumentError(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_ERASURE_CODING_ARGUMENT' })
}

/** Throws unless all units have one length and the matrix fits them; returns the length. */
export function checkUnits(
  matrix: Uint8Array,
  inputs: readonly Uint8Array[],
  outputs: readonly Uint8Array[],
): number {
  const length = inputs[0]?.length ?? outputs[0]?.length ?? 0
  for (const units of [inputs, outputs]) {
    if (units.length > 255) {
      throw argumentError(`multiply by a matrix: found ${units.length} units; at most 255 are allowed`)
    }
    for (const unit of units) {
      if (unit.length === length) continue
      throw argumentError(`multiply by a matrix: found units of ${length} and of ${unit.length} bytes`)
    }
  }
  if (matrix.length !== inputs.length * outputs.length) {
    throw argumentError(
      `multiply by a matrix: found ${matrix.length} cells for ${inputs.length} inputs and ${outputs.length} outputs`,
    )
  }
  return length
}
