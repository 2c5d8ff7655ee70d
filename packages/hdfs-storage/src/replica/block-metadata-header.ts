/**
 * Head of a replica's checksum file (`BlockMetadataHeader`), followed by one big-endian CRC per chunk:
 *
 *     | version u16 = 1 | checksum type u8 | bytesPerChecksum i32 | CRC u32 … |
 */
import { ProtocolError } from '@cairn/bytes'
import type { ChecksumType } from '@cairn/checksum'
import { bytesPerChecksumMax } from '../limits.ts'

/** Bytes before the first CRC. */
export const blockMetadataHeaderBytes = 7
/** The only version there is. */
export const blockMetadataVersion = 1

/** Which checksums follow: type and how many bytes of the block each covers. */
export interface BlockMetadataHeader {
  readonly type: ChecksumType
  readonly bytesPerChecksum: number
}

/** Checksum types by their number on disk and on the wire (`DataChecksum.Type`). */
const types: readonly ChecksumType[] = ['NULL', 'CRC32', 'CRC32C']

/** Encodes the seven bytes. */
export function encodeBlockMetadataHeader(header: BlockMetadataHeader): Uint8Array {
  checkBytesPerChecksum(header.bytesPerChecksum, 'local')
  const bytes = new Uint8Array(blockMetadataHeaderBytes)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, blockMetadataVersion)
  bytes[2] = types.indexOf(header.type)
  view.setInt32(3, header.bytesPerChecksum)
  return bytes
}

/** Decodes the seven bytes at the start of `bytes`; more may follow. */
export function decodeBlockMetadataHeader(bytes: Uint8Array): BlockMetadataHeader {
  if (bytes.length < blockMetadataHeaderBytes) {
    throw new ProtocolError(
      'ERR_HSTORAGE_META_TRUNCATED',
      `decode a block metadata header: found ${bytes.length} bytes; ${blockMetadataHeaderBytes} are needed`,
      { offset: bytes.length },
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, blockMetadataHeaderBytes)
  const version = view.getUint16(0)
  if (version !== blockMetadataVersion) {
    throw new ProtocolError(
      'ERR_HSTORAGE_META_VERSION',
      `decode a block metadata header: found version ${version}; ${blockMetadataVersion} is known`,
      { offset: 0 },
    )
  }
  const type = types[bytes[2]!]
  if (type === undefined) {
    throw new ProtocolError(
      'ERR_HSTORAGE_META_CHECKSUM_TYPE',
      `decode a block metadata header: found checksum type ${bytes[2]}; 0 to ${types.length - 1} are known`,
      { offset: 2 },
    )
  }
  const bytesPerChecksum = view.getInt32(3)
  checkBytesPerChecksum(bytesPerChecksum, 'remote')
  return { type, bytesPerChecksum }
}

function checkBytesPerChecksum(bytesPerChecksum: number, side: 'local' | 'remote'): void {
  if (!Number.isInteger(bytesPerChecksum) || bytesPerChecksum < 1 || bytesPerChecksum > bytesPerChecksumMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_META_BYTES_PER_CHECKSUM',
      `read a block metadata header: found bytesPerChecksum ${bytesPerChecksum}; 1 to ${bytesPerChecksumMax} are allowed`,
      { side, offset: 3 },
    )
  }
}
