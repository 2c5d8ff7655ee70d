import { type CodingKernel, checkUnits } from './coding-kernel.ts'
import { multiply as times } from './galois-field.ts'
import { wasmModule } from './wasm-module.ts'

/*
 * The module's memory: tables of one output, one output, then a window of each input.
 *
 *     0         16 Ki     64 Ki                                            576 Ki
 *     | tables  | output  | input 0, input 1 …                             |
 */
const pageBytes = 64 * 1024
const outputAt = 16 * 1024
const windowBytesMax = 16 * 1024
const inputsAt = pageBytes
const inputsBytes = 8 * pageBytes
/** Bytes that the module takes at once. */
const stepBytes = 32
const tableBytes = 32

/** The part of the WebAssembly JavaScript interface in use; Node's type declarations leave it to the DOM's. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object
      readonly Instance: new (module: object) => { readonly exports: unknown }
    }
  | undefined

interface Exports {
  memory: { readonly buffer: ArrayBuffer }
  row(
    tables: number,
    tablesEnd: number,
    inputs: number,
    inputsEnd: number,
    stride: number,
    output: number,
  ): void
}

/** Products of each constant with every low and every high nibble. */
function makeNibbles(): Uint8Array {
  const nibbles = new Uint8Array(256 * tableBytes)
  for (let constant = 0; constant < 256; constant++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      nibbles[constant * tableBytes + nibble] = times(constant, nibble)
      nibbles[constant * tableBytes + 16 + nibble] = times(constant, nibble << 4)
    }
  }
  return nibbles
}

function instantiate(): CodingKernel | undefined {
  if (typeof WebAssembly !== 'object') return undefined
  let exports: Exports
  try {
    const module = new WebAssembly.Module(wasmModule((inputsAt + inputsBytes) / pageBytes))
    // wasmModule() exports exactly these two.
    exports = new WebAssembly.Instance(module).exports as Exports
  } catch {
    // An engine, or a processor, without vectors in WebAssembly.
    return undefined
  }
  const memory = new Uint8Array(exports.memory.buffer)
  const nibbles = makeNibbles()
  return {
    name: 'wasm',
    multiply(matrix, inputs, outputs) {
      const length = checkUnits(matrix, inputs, outputs)
      if (inputs.length === 0) {
        for (const output of outputs) output.fill(0)
        return
      }
      const room = Math.floor(inputsBytes / inputs.length / stepBytes) * stepBytes
      const windowBytes = Math.min(windowBytesMax, room)
      const tablesEnd = inputs.length * tableBytes
      for (let at = 0; at < length; at += windowBytes) {
        const count = Math.min(windowBytes, length - at)
        inputs.forEach((input, j) => {
          memory.set(input.subarray(at, at + count), inputsAt + j * windowBytes)
        })
        outputs.forEach((output, r) => {
          for (let j = 0; j < inputs.length; j++) {
            const from = matrix[r * inputs.length + j]! * tableBytes
            memory.set(nibbles.subarray(from, from + tableBytes), j * tableBytes)
          }
          exports.row(0, tablesEnd, inputsAt, inputsAt + count, windowBytes, outputAt)
          output.set(memory.subarray(outputAt, outputAt + count), at)
        })
      }
    },
  }
}

/**
 * Nibble tables in WebAssembly's vectors; undefined where the engine has none. Not reentrant across threads: each
 * worker has its own instance.
 */
export const wasmKernel: CodingKernel | undefined = instantiate()
