import { createRequire } from 'node:module'
import { type CodingKernel, checkUnits } from './coding-kernel.ts'

/** What native/gf.c exports. It checks all bounds again itself. */
interface Addon {
  multiply(
    matrix: Uint8Array,
    inputs: readonly Uint8Array[],
    outputs: readonly Uint8Array[],
    way: number,
  ): void
  /** Names of the ways to multiply that this processor has, at their numbers; absent ones are holes. */
  readonly ways: readonly (string | undefined)[]
}

function loadAddon(): Addon | undefined {
  try {
    // tools/build-native.mjs put it there, if it could.
    return createRequire(import.meta.url)(`../build/gf-${process.platform}-${process.arch}.node`) as Addon
  } catch {
    // No compiler at install, another platform, or a libc it does not fit: the other kernels take over.
    return undefined
  }
}

function makeKernel(addon: Addon, way: number): CodingKernel {
  return {
    name: 'native',
    multiply(matrix, inputs, outputs) {
      checkUnits(matrix, inputs, outputs)
      addon.multiply(matrix, inputs, outputs, way)
    },
  }
}

const addon = loadAddon()

/** The processor's own instructions through native/gf.c; undefined where it was not compiled. */
export const nativeKernel: CodingKernel | undefined = addon && makeKernel(addon, -1)

/** Every way that the addon has on this processor, slowest first; for tests and figures. */
export const nativeWays: readonly (readonly [name: string, kernel: CodingKernel])[] =
  addon?.ways.flatMap((name, way) => (name === undefined ? [] : [[name, makeKernel(addon, way)] as const])) ??
  []
