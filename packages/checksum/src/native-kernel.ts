import { createRequire } from 'node:module'
import {
  type ChecksumKernel,
  type ChecksumType,
  checkChunks,
  checkOffset,
  checksumBytes,
} from './checksum-kernel.ts'

/** What native/crc.c exports. It checks all bounds again itself. */
interface Addon {
  compute(
    algorithm: number,
    data: Uint8Array,
    bytesPerChecksum: number,
    out: Uint8Array,
    outOffset: number,
  ): number
  verify(algorithm: number, data: Uint8Array, bytesPerChecksum: number, sums: Uint8Array): number
  crc(algorithm: number, data: Uint8Array, previous: number): number
}

const algorithms = { CRC32: 1, CRC32C: 2 } as const
/** Added to the algorithm's number: the addon's table code instead of the processor's instructions. */
const softwareFlag = 16

function loadAddon(): Addon | undefined {
  try {
    // tools/build-native.mjs put it there, if it could.
    return createRequire(import.meta.url)(`../build/crc-${process.platform}-${process.arch}.node`) as Addon
  } catch {
    // No compiler at install, another platform, or a libc it does not fit: the other kernels take over.
    return undefined
  }
}

function makeKernel(addon: Addon, flag: number): ChecksumKernel {
  return {
    name: 'native',
    compute(type: ChecksumType, data, bytesPerChecksum, out, outOffset = 0) {
      if (type === 'NULL') return 0
      checkOffset(out, outOffset)
      const count = checkChunks('compute checksums', data.length, bytesPerChecksum, out.length - outOffset)
      addon.compute(algorithms[type] + flag, data, bytesPerChecksum, out, outOffset)
      return count * checksumBytes
    },
    verify(type, data, bytesPerChecksum, sums) {
      if (type === 'NULL') return -1
      checkChunks('verify checksums', data.length, bytesPerChecksum, sums.length)
      return addon.verify(algorithms[type] + flag, data, bytesPerChecksum, sums)
    },
    crc(type, data, previous = 0) {
      return type === 'NULL' ? 0 : addon.crc(algorithms[type] + flag, data, previous)
    },
  }
}

const addon = loadAddon()

/** The processor's own instructions through native/crc.c; undefined where it was not compiled. */
export const nativeKernel: ChecksumKernel | undefined = addon && makeKernel(addon, 0)

/** The same addon on a processor without CRC instructions; for tests. */
export const nativeSoftwareKernel: ChecksumKernel | undefined = addon && makeKernel(addon, softwareFlag)
