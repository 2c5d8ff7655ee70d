/**
 * `NULL` = no checksums; `CRC32` = the polynomial of zlib and Ethernet; `CRC32C` = Castagnoli's. Names as in Hadoop's
 * `DataChecksum.Type`, numbers as in `ChecksumTypeProto`.
 */
export type ChecksumType = 'NULL' | 'CRC32' | 'CRC32C'

/** Bytes that one stored checksum takes; with `NULL` there are none. */
export const checksumBytes = 4

/**
 * Checksums of many chunks in one call. A chunk is `bytesPerChecksum` bytes; the last one of the data may be shorter.
 * Stored checksums are big endian, one after the other. All kernels give the same results and differ in speed only.
 *
 * A buffer that is too short, or a `bytesPerChecksum` that is no integer from 1 up to 2^31 − 1, throws a `RangeError`
 * with code `ERR_CHECKSUM_ARGUMENT`: the caller's mistake, never the peer's.
 */
export interface ChecksumKernel {
  readonly name: 'native' | 'wasm' | 'portable'
  /** Writes the checksum of every chunk of `data` to `out` from `outOffset` (default 0) on; returns the bytes written. */
  compute(
    type: ChecksumType,
    data: Uint8Array,
    bytesPerChecksum: number,
    out: Uint8Array,
    outOffset?: number,
  ): number
  /** The index of the first chunk of `data` whose checksum differs from the one in `sums`, or −1. */
  verify(type: ChecksumType, data: Uint8Array, bytesPerChecksum: number, sums: Uint8Array): number
  /** The CRC of `data` as an unsigned number; with `previous`, of the bytes that gave `previous` followed by `data`. */
  crc(type: ChecksumType, data: Uint8Array, previous?: number): number
}

/** How many chunks `dataBytes` bytes make. */
export function chunkCount(dataBytes: number, bytesPerChecksum: number): number {
  return Math.ceil(dataBytes / bytesPerChecksum)
}

function argumentError(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_CHECKSUM_ARGUMENT' })
}

/** Throws unless `bytesPerChecksum` is usable and `room` bytes hold a checksum for every chunk. */
export function checkChunks(
  attempt: string,
  dataBytes: number,
  bytesPerChecksum: number,
  room: number,
): number {
  if (!Number.isInteger(bytesPerChecksum) || bytesPerChecksum < 1 || bytesPerChecksum > 0x7fff_ffff) {
    throw argumentError(
      `${attempt}: found ${bytesPerChecksum} bytes per checksum; an integer from 1 to 2147483647 is allowed`,
    )
  }
  const count = chunkCount(dataBytes, bytesPerChecksum)
  if (!(room >= count * checksumBytes)) {
    throw argumentError(
      `${attempt}: found ${room} bytes for checksums; ${count} chunks take ${count * checksumBytes}`,
    )
  }
  return count
}

/** Throws unless `outOffset` is an index into `out` or its end. */
export function checkOffset(out: Uint8Array, outOffset: number): void {
  if (!Number.isInteger(outOffset) || outOffset < 0 || outOffset > out.length) {
    throw argumentError(
      `compute checksums: found output offset ${outOffset}; an integer from 0 to ${out.length} is allowed`,
    )
  }
}

/** `verify` of a kernel that can only compute. */
export function verifyByComputing(compute: ChecksumKernel['compute']): ChecksumKernel['verify'] {
  return (type, data, bytesPerChecksum, sums) => {
    if (type === 'NULL') return -1
    const count = checkChunks('verify checksums', data.length, bytesPerChecksum, sums.length)
    const computed = new Uint8Array(count * checksumBytes)
    compute(type, data, bytesPerChecksum, computed)
    return firstDifference(computed, sums)
  }
}

/** The index of the first checksum of `computed` that differs from the one in `expected`, or −1. */
function firstDifference(computed: Uint8Array, expected: Uint8Array): number {
  const at = computed.findIndex((byte, index) => byte !== expected[index])
  return at < 0 ? -1 : Math.floor(at / checksumBytes)
}
