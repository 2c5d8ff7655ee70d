import type { ChecksumType } from '@cairn/checksum'
import type { ChecksumFormat } from '@cairn/hdfs-protocol'
import type { ClientContext } from '../client-context.ts'
import { HdfsFileError } from '../fs/file-error.ts'
import type { CallOptions } from '../namenode/namenode-proxy.ts'

/** How a new file is laid out. */
export interface WriteFormat {
  readonly blockSize: number
  readonly replication: number
  readonly checksum: ChecksumFormat
}

/** What a caller may choose. */
export interface WriteFormatOptions extends CallOptions {
  blockSize?: number | undefined
  replication?: number | undefined
  checksumType?: ChecksumType | undefined
  bytesPerChecksum?: number | undefined
}

/** Numbers of ChecksumTypeProto. */
const checksumTypes: readonly ChecksumType[] = ['NULL', 'CRC32', 'CRC32C']

/** Options win over the configuration, which wins over the NameNode; it is asked only for what is still open. */
export async function writeFormat(context: ClientContext, options: WriteFormatOptions): Promise<WriteFormat> {
  const { settings } = context
  const blockSize = options.blockSize ?? settings.blockSize
  const replication = options.replication ?? settings.replication
  const type = options.checksumType ?? settings.checksumType
  const bytesPerChecksum = options.bytesPerChecksum ?? settings.bytesPerChecksum
  if (blockSize && replication && type && bytesPerChecksum) {
    return checked(context, { blockSize, replication, checksum: { type, bytesPerChecksum } })
  }
  const defaults = await context.serverDefaults.read({ signal: options.signal })
  return checked(context, {
    blockSize: blockSize ?? Number(defaults.blockSize),
    replication: replication ?? defaults.replication,
    checksum: {
      type: type ?? checksumTypes[defaults.checksumType ?? 1] ?? 'CRC32C',
      bytesPerChecksum: bytesPerChecksum ?? defaults.bytesPerChecksum,
    },
  })
}

function checked(context: ClientContext, format: WriteFormat): WriteFormat {
  const { blockSize, replication, checksum } = format
  const { dataTransfer } = context.namenode.generation
  if (!dataTransfer.checksumTypes.includes(checksum.type)) {
    const detail = `DataNodes of ${dataTransfer.releases} check ${dataTransfer.checksumTypes.join(' and ')}, not ${checksum.type}`
    throw new HdfsFileError('ENOTSUP', 'open', { detail })
  }
  const whole = (value: number) => Number.isSafeInteger(value) && value > 0
  if (!whole(blockSize) || !whole(replication) || !whole(checksum.bytesPerChecksum)) {
    throw new RangeError(
      `write with blockSize ${blockSize}, replication ${replication}, bytesPerChecksum ${checksum.bytesPerChecksum}: whole numbers above 0 are needed`,
    )
  }
  if (blockSize % checksum.bytesPerChecksum === 0) return format
  throw new RangeError(
    `write with blockSize ${blockSize}: it must be a multiple of bytesPerChecksum, ${checksum.bytesPerChecksum}`,
  )
}
