import {
  type ChecksumKernel,
  type ChecksumType,
  checkChunks,
  checkOffset,
  checksumBytes,
  verifyByComputing,
} from './checksum-kernel.ts'
import { crcTables } from './crc-tables.ts'
import { wasmModule } from './wasm-module.ts'

/*
 * The module's memory: tables of both polynomials, checksums of one batch, then a window that data is copied into.
 *
 *     0        16 Ki      32 Ki     48 Ki          64 Ki                    192 Ki
 *     | CRC32  |  CRC32C  |  sums   |  (unused)    |  data                  |
 */
const pageBytes = 64 * 1024
const tableAt = { CRC32: 0, CRC32C: 16 * 1024 } as const
const sumsAt = 32 * 1024
const batchChunksMax = (16 * 1024) / checksumBytes
const windowAt = pageBytes
const windowBytes = 2 * pageBytes

/** The part of the WebAssembly JavaScript interface in use; Node's type declarations leave it to the DOM's. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object
      readonly Instance: new (module: object) => { readonly exports: unknown }
    }
  | undefined

interface Exports {
  memory: { readonly buffer: ArrayBuffer }
  update(tables: number, crc: number, from: number, to: number): number
  chunks(tables: number, from: number, to: number, chunkBytes: number, sums: number): void
}

interface Instance extends Exports {
  readonly bytes: Uint8Array
}

let instance: Instance | undefined

function instantiate(): Instance {
  if (instance === undefined) {
    if (WebAssembly === undefined) throw new Error('instantiate the checksum module: found no WebAssembly')
    const module = new WebAssembly.Module(wasmModule(1 + windowBytes / pageBytes))
    // wasmModule() exports exactly these three.
    const exports = new WebAssembly.Instance(module).exports as Exports
    const bytes = new Uint8Array(exports.memory.buffer)
    for (const type of ['CRC32', 'CRC32C'] as const) {
      const tables = crcTables(type)
      const view = new DataView(exports.memory.buffer, tableAt[type])
      // WebAssembly memory is little endian on every host.
      tables.forEach((word, index) => {
        view.setInt32(index * 4, word, true)
      })
    }
    instance = { memory: exports.memory, update: exports.update, chunks: exports.chunks, bytes }
  }
  return instance
}

/** The register over data of any length, a window at a time. */
function runRegister(type: 'CRC32' | 'CRC32C', start: number, data: Uint8Array): number {
  const { bytes, update } = instantiate()
  let crc = start
  for (let at = 0; at < data.length; at += windowBytes) {
    const part = data.subarray(at, at + windowBytes)
    bytes.set(part, windowAt)
    crc = update(tableAt[type], crc, windowAt, windowAt + part.length)
  }
  return crc
}

function compute(
  type: ChecksumType,
  data: Uint8Array,
  bytesPerChecksum: number,
  out: Uint8Array,
  outOffset = 0,
): number {
  if (type === 'NULL') return 0
  checkOffset(out, outOffset)
  const count = checkChunks('compute checksums', data.length, bytesPerChecksum, out.length - outOffset)
  if (bytesPerChecksum > windowBytes) return computeLarge(type, data, bytesPerChecksum, out, outOffset)
  const { bytes, chunks } = instantiate()
  const batchBytes = Math.min(batchChunksMax, Math.floor(windowBytes / bytesPerChecksum)) * bytesPerChecksum
  let to = outOffset
  for (let at = 0; at < data.length; at += batchBytes) {
    const part = data.subarray(at, at + batchBytes)
    bytes.set(part, windowAt)
    chunks(tableAt[type], windowAt, windowAt + part.length, bytesPerChecksum, sumsAt)
    const sumBytes = Math.ceil(part.length / bytesPerChecksum) * checksumBytes
    out.set(bytes.subarray(sumsAt, sumsAt + sumBytes), to)
    to += sumBytes
  }
  return count * checksumBytes
}

/** Chunks that do not fit into the window. */
function computeLarge(
  type: 'CRC32' | 'CRC32C',
  data: Uint8Array,
  bytesPerChecksum: number,
  out: Uint8Array,
  outOffset: number,
): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength)
  let to = outOffset
  for (let at = 0; at < data.length; at += bytesPerChecksum, to += checksumBytes) {
    view.setInt32(to, ~runRegister(type, -1, data.subarray(at, at + bytesPerChecksum)))
  }
  return to - outOffset
}

const verify = verifyByComputing(compute)

function crc(type: ChecksumType, data: Uint8Array, previous = 0): number {
  if (type === 'NULL') return 0
  return ~runRegister(type, ~previous, data) >>> 0
}

/**
 * Tables in WebAssembly, from a module that is written at first use; undefined where the engine has no WebAssembly
 * (`node --jitless`). Not reentrant across threads: each worker has its own instance.
 */
export const wasmKernel: ChecksumKernel | undefined =
  typeof WebAssembly === 'object' ? { name: 'wasm', compute, verify, crc } : undefined
