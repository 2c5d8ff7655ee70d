import type { CodingKernel } from './coding-kernel.ts'
import { nativeKernel, nativeWays } from './native-kernel.ts'
import { portableKernel } from './portable-kernel.ts'
import { wasmKernel } from './wasm-kernel.ts'

/**
 * The best kernel there is, or the one that `wanted` names (`native`, `wasm` or `portable`). A kernel that was asked
 * for and is missing is an error with code `ERR_ERASURE_CODING_KERNEL`, not a silent slow path.
 */
export function chooseKernel(wanted: string | undefined): CodingKernel {
  if (wanted === undefined || wanted === '') return fastestKernel()
  const kernels = { native: nativeKernel, wasm: wasmKernel, portable: portableKernel }
  const chosen = Object.entries(kernels).find(([name]) => name === wanted)?.[1]
  if (chosen === undefined) {
    const there = Object.entries(kernels).flatMap(([name, kernel]) => (kernel === undefined ? [] : [name]))
    throw Object.assign(
      new Error(`choose the coding kernel "${wanted}" (CAIRN_ERASURE_CODING): found ${there.join(', ')}`),
      { code: 'ERR_ERASURE_CODING_KERNEL' },
    )
  }
  return chosen
}

/** Where C has only the way that every processor has, the vectors of WebAssembly are faster. */
export function fastestKernel(): CodingKernel {
  const native = nativeWays.length > 1 ? nativeKernel : undefined
  return native ?? wasmKernel ?? nativeKernel ?? portableKernel
}

/** Chosen once at import; `CAIRN_ERASURE_CODING` overrides. */
export const kernel: CodingKernel = chooseKernel(process.env.CAIRN_ERASURE_CODING)
