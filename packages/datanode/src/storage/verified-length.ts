// How much of a half-written replica can be trusted after a kill, and the repair of its two files.
//
// A packet's data is written before its checksums, so a kill leaves a block file that reaches past its meta file,
// or a last chunk that has grown under the checksum of a shorter one. The trusted length ends at the last chunk whose
// checksum fits. Java gives up the whole last chunk when it does not fit; here the prefix of that chunk which the
// stored checksum covers is searched, because those bytes may have been acknowledged.
import { kernel } from '@cairn/checksum'
import {
  type BlockChecksum,
  checksumBytes,
  checksumPosition,
  metaHeaderBytes,
  metaLength,
  readBlockChecksum,
} from './block-meta.ts'
import type { ReplicaFile } from './volume.ts'

/** Cuts both files to the trusted length, which is returned. */
export function cutToVerifiedLength(file: ReplicaFile, replica: string): number {
  if (file.length('meta') < metaHeaderBytes) {
    file.truncate('data', 0)
    return 0
  }
  const checksum = readBlockChecksum(file, replica)
  const length = verifiedLength(file, checksum)
  if (file.length('data') > length) file.truncate('data', length)
  const metaEnd = metaLength(length, checksum)
  if (file.length('meta') > metaEnd) file.truncate('meta', metaEnd)
  return length
}

/** Bytes from the start that the meta file vouches for, judged by the last chunk as Java does. */
export function verifiedLength(file: ReplicaFile, checksum: BlockChecksum): number {
  const dataLength = file.length('data')
  const sumBytes = checksumBytes(checksum.type)
  if (sumBytes === 0) return dataLength
  const { bytesPerChecksum } = checksum
  const sums = Math.floor((file.length('meta') - metaHeaderBytes) / sumBytes)
  const chunks = Math.min(Math.ceil(dataLength / bytesPerChecksum), sums)
  if (chunks === 0) return 0
  const start = (chunks - 1) * bytesPerChecksum
  const chunk = new Uint8Array(Math.min(bytesPerChecksum, dataLength - start))
  const stored = new Uint8Array(sumBytes)
  file.readSync('data', chunk, start)
  file.readSync('meta', stored, checksumPosition(start, checksum))
  return start + coveredPrefix(chunk, stored, checksum)
}

/** The longest prefix of a chunk that the stored checksum covers; 0 when none. */
function coveredPrefix(chunk: Uint8Array, stored: Uint8Array, checksum: BlockChecksum): number {
  if (checksum.type === 'NULL') return chunk.length
  if (kernel.verify(checksum.type, chunk, chunk.length, stored) === -1) return chunk.length
  const wanted = new DataView(stored.buffer, stored.byteOffset).getUint32(0)
  let covered = 0
  let crc = 0
  for (let length = 1; length <= chunk.length; length++) {
    crc = kernel.crc(checksum.type, chunk.subarray(length - 1, length), crc)
    if (crc >>> 0 === wanted) covered = length
  }
  return covered
}
