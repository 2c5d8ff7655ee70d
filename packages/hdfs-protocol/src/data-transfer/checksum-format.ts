import { ProtocolError } from '@cairn/bytes'
import { type ChecksumType, checksumBytes } from '@cairn/checksum'
import type { ChecksumProto } from '@cairn/hadoop-proto'
import { ChecksumTypeProto } from '@cairn/hadoop-proto'

/** How a block's data is guarded: Java's `DataChecksum`. */
export interface ChecksumFormat {
  readonly type: ChecksumType
  /** Bytes of data that one checksum guards, 1 or more. */
  readonly bytesPerChecksum: number
}

const typesByNumber: ReadonlyMap<number, ChecksumType> = new Map([
  [ChecksumTypeProto.CHECKSUM_NULL, 'NULL'],
  [ChecksumTypeProto.CHECKSUM_CRC32, 'CRC32'],
  [ChecksumTypeProto.CHECKSUM_CRC32C, 'CRC32C'],
])

const numbersByType = {
  NULL: ChecksumTypeProto.CHECKSUM_NULL,
  CRC32: ChecksumTypeProto.CHECKSUM_CRC32,
  CRC32C: ChecksumTypeProto.CHECKSUM_CRC32C,
} as const

/** The number of a checksum type in `ChecksumTypeProto` and in block metadata files. */
export function checksumTypeNumber(type: ChecksumType): number {
  return numbersByType[type]
}

/** The checksum type with this number, or undefined. */
export function checksumTypeOfNumber(number: number): ChecksumType | undefined {
  return typesByNumber.get(number)
}

/** `ChecksumProto` of a format. */
export function encodeChecksumFormat(format: ChecksumFormat): ChecksumProto {
  return { type: numbersByType[format.type], bytesPerChecksum: format.bytesPerChecksum }
}

/** Checks a `ChecksumProto`: an unknown type or 0 bytes per checksum is a `ProtocolError` [xfer.checksum.1]. */
export function decodeChecksumFormat(proto: ChecksumProto): ChecksumFormat {
  const type = typesByNumber.get(proto.type)
  if (type === undefined) {
    throw new ProtocolError(
      'ERR_XFER_CHECKSUM_TYPE',
      `read a checksum format: found type ${proto.type}; 0 (NULL), 1 (CRC32) and 2 (CRC32C) are known`,
      { path: 'ChecksumProto.type' },
    )
  }
  if (proto.bytesPerChecksum < 1 || proto.bytesPerChecksum > 0x7fff_ffff) {
    throw new ProtocolError(
      'ERR_XFER_BYTES_PER_CHECKSUM',
      `read a checksum format: found ${proto.bytesPerChecksum} bytes per checksum; 1 to 2147483647 are allowed`,
      { path: 'ChecksumProto.bytesPerChecksum' },
    )
  }
  return { type, bytesPerChecksum: proto.bytesPerChecksum }
}

/** Bytes that the checksums of `dataBytes` bytes take in this format [xfer.checksum.2]. */
export function checksumsBytes(format: ChecksumFormat, dataBytes: number): number {
  return format.type === 'NULL' ? 0 : Math.ceil(dataBytes / format.bytesPerChecksum) * checksumBytes
}
