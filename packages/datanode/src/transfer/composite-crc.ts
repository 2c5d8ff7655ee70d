import { combineCrc } from '@cairn/checksum'
import type { BlockChecksum } from '../storage/block-meta.ts'
import { ReplicaError } from '../storage/replica-error.ts'

/**
 * The CRC, big endian, that `dataBytes` bytes have whose chunks have `sums`; with `stripeBytes` above 0 one of every so
 * many bytes, one after the other. Java: `CrcComposer`.
 */
export function compositeCrcs(
  sums: Uint8Array,
  dataBytes: number,
  { type, bytesPerChecksum }: BlockChecksum,
  stripeBytes = 0,
): Uint8Array {
  if (stripeBytes % bytesPerChecksum !== 0) {
    throw new ReplicaError(
      'ERR_DN_REPLICA_STATE',
      `combine checksums: found stripes of ${stripeBytes} bytes in chunks of ${bytesPerChecksum}; whole chunks are needed`,
    )
  }
  const stripe = stripeBytes === 0 ? dataBytes : stripeBytes
  // A block without bytes has the CRC of nothing, which is 0; cut into stripes it has none.
  const count = stripeBytes === 0 ? 1 : Math.ceil(dataBytes / stripe)
  const result = new DataView(new ArrayBuffer(count * 4))
  const view = new DataView(sums.buffer, sums.byteOffset, sums.byteLength)
  let crc = 0
  for (let at = 0, start = 0; at < sums.length; at += 4, start += bytesPerChecksum) {
    const chunkBytes = Math.min(bytesPerChecksum, dataBytes - start)
    crc = combineCrc(type, start % stripe === 0 ? 0 : crc, view.getUint32(at), chunkBytes)
    result.setUint32(Math.floor(start / stripe) * 4, crc)
  }
  return new Uint8Array(result.buffer)
}
