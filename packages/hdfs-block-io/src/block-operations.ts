import {
  BlockChecksumTypeProto,
  type BlockOpResponseProto,
  type DatanodeInfoProto,
  type ErasureCodingPolicyProto,
  type ExtendedBlockProto,
  type StorageTypeProto,
  type TokenProto,
} from '@cairn/hadoop-proto'
import {
  type ChecksumFormat,
  type DataTransferVersion,
  dataTransfer28,
  decodeChecksumFormat,
  type OperationName,
  type OperationRequest,
  refusalOf,
} from '@cairn/hdfs-protocol'
import { asBlockReadError, BlockReadError, refusedRead } from './block-io-error.ts'
import { type DatanodeAddress, formatDatanodeAddress } from './datanode-address.ts'
import type { DatanodeConnection } from './datanode-connection.ts'
import type { DatanodeConnections } from './datanode-connections.ts'
import { answersReadBytes, socketTimeoutMsDefault } from './limits.ts'
import { openBlockReader } from './open-block-reader.ts'

interface BlockOperationOptions {
  readonly connections: DatanodeConnections
  readonly datanode: DatanodeAddress
  readonly block: ExtendedBlockProto
  readonly token: TokenProto
  readonly signal?: AbortSignal | undefined
  /** Longest time until the answer. Default 60 s. */
  readonly timeoutMs?: number | undefined
  /** What the DataNode speaks. Default version 28: Hadoop 0.23 and later. */
  readonly dataTransfer?: DataTransferVersion | undefined
}

export interface BlockChecksumOptions extends BlockOperationOptions {
  /** Which sum over the block's checksums. Default `MD5CRC`, Hadoop's. */
  readonly type?: keyof typeof BlockChecksumTypeProto | undefined
  /** `COMPOSITE_CRC`: one CRC of every so many bytes, for a unit of a striped file. Default 0: one of the whole block. */
  readonly stripeBytes?: number | undefined
}

/** A checksum over the checksums of one block. */
export interface BlockChecksum {
  /** What the DataNode answered with; one that is older than 3.3 knows `MD5CRC` only. */
  readonly type: keyof typeof BlockChecksumTypeProto
  /** How the replica is guarded; type and size are part of a file's checksum. */
  readonly format: ChecksumFormat
  readonly crcPerBlock: number
  /** 16 bytes of MD5, or the 4 bytes of a CRC, big endian, of each stripe. */
  readonly bytes: Uint8Array
}

/** Asks a DataNode for the checksum of a block (BLOCK_CHECKSUM). Rejects with `BlockReadError` or `signal.reason`. */
export async function blockChecksum(options: BlockChecksumOptions): Promise<BlockChecksum> {
  const { block, token } = options
  const type = options.type ?? 'MD5CRC'
  const attempted = `get the checksum of block ${block.blockId}`
  const request = {
    header: { block, token },
    blockChecksumOptions: {
      blockChecksumType: BlockChecksumTypeProto[type],
      stripeLength: BigInt(options.stripeBytes ?? 0),
    },
  }
  const response = await askDatanode(options, 'BLOCK_CHECKSUM', request, attempted)
  const sum = checksumIn(response, attempted, options)
  if (response.checksumResponse?.crcType !== undefined) return sum
  return { ...sum, format: await formatByReading(options, sum) }
}

/** DataNodes before 2.0.2 do not say how the replica is guarded; a read does [xfer.sum.3]. */
async function formatByReading(options: BlockChecksumOptions, sum: BlockChecksum): Promise<ChecksumFormat> {
  if (sum.crcPerBlock === 0) return sum.format
  const reader = await openBlockReader({ ...options, offset: 0, length: 1, clientName: 'checksum' })
  try {
    return reader.checksum
  } finally {
    await reader.close()
  }
}

export interface BlockGroupChecksumOptions extends BlockOperationOptions {
  /** Default `MD5CRC`, Hadoop's. */
  readonly type?: keyof typeof BlockChecksumTypeProto | undefined
  readonly ecPolicy: ErasureCodingPolicyProto
  /** Who has the units, with the unit and the token of each at the same place. */
  readonly datanodes: readonly DatanodeInfoProto[]
  readonly blockIndices: readonly number[]
  readonly blockTokens: readonly TokenProto[]
  /** Bytes of the file in the group that the checksum is of. */
  readonly length: number
}

/** Has a DataNode sum up a block group from its units (BLOCK_GROUP_CHECKSUM). Rejects with `BlockReadError` or `signal.reason`. */
export async function blockGroupChecksum(options: BlockGroupChecksumOptions): Promise<BlockChecksum> {
  const { block, token, ecPolicy, length } = options
  const attempted = `get the checksum of block group ${block.blockId}`
  const request = {
    header: { block, token },
    datanodes: { datanodes: [...options.datanodes] },
    blockTokens: [...options.blockTokens],
    ecPolicy,
    blockIndices: [...options.blockIndices],
    requestedNumBytes: BigInt(length),
    blockChecksumOptions: { blockChecksumType: BlockChecksumTypeProto[options.type ?? 'MD5CRC'] },
  }
  return checksumIn(
    await askDatanode(options, 'BLOCK_GROUP_CHECKSUM', request, attempted),
    attempted,
    options,
  )
}

function checksumIn(
  response: BlockOpResponseProto,
  attempted: string,
  options: BlockOperationOptions,
): BlockChecksum {
  const found = response.checksumResponse
  if (found === undefined) {
    throw new BlockReadError('protocol', `${attempted}: found an answer without checksumResponse`, options)
  }
  const { blockChecksumType } = found.blockChecksumOptions ?? {}
  return {
    type: blockChecksumType === BlockChecksumTypeProto.COMPOSITE_CRC ? 'COMPOSITE_CRC' : 'MD5CRC',
    format: decodeChecksumFormat({ type: found.crcType ?? 1, bytesPerChecksum: found.bytesPerCrc }),
    crcPerBlock: Number(found.crcPerBlock),
    bytes: found.blockChecksum,
  }
}

export interface TransferBlockOptions extends BlockOperationOptions {
  readonly clientName: string
  readonly targets: readonly DatanodeInfoProto[]
  readonly targetStorageTypes?: readonly StorageTypeProto[] | undefined
  readonly targetStorageIds?: readonly string[] | undefined
}

/**
 * Has a DataNode copy its replica to others (TRANSFER_BLOCK), to make a pipeline longer again; resolves when they have
 * it. Rejects with `BlockReadError` or `signal.reason`.
 */
export async function transferBlock(options: TransferBlockOptions): Promise<void> {
  const { block, token, clientName } = options
  const request = {
    header: { baseHeader: { block, token }, clientName },
    targets: [...options.targets],
    targetStorageTypes: [...(options.targetStorageTypes ?? [])],
    targetStorageIds: [...(options.targetStorageIds ?? [])],
  }
  await askDatanode(options, 'TRANSFER_BLOCK', request, `transfer block ${block.blockId}`)
}

/** Sends one operation on a connection of its own, which a Java DataNode closes afterwards ([xfer.op.5]), and takes its answer. */
async function askDatanode<N extends OperationName>(
  options: BlockOperationOptions,
  name: N,
  request: OperationRequest<N>,
  attempted: string,
): Promise<BlockOpResponseProto> {
  const { datanode, connections, signal } = options
  signal?.throwIfAborted()
  const version = options.dataTransfer ?? dataTransfer28
  const operation = version.encodeOperation(name, request)
  const connection = await connections
    .open(datanode, options, signal, answersReadBytes)
    .catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : asBlockReadError(attempted, error, datanode, 'connect')
    })
  try {
    const response = await exchange(options, connection, { name, version, bytes: operation }, attempted)
    const refusal = refusalOf(response)
    if (refusal !== undefined) throw refusedRead(attempted, refusal, datanode)
    return response
  } finally {
    connection.finish()
  }
}

function exchange(
  options: BlockOperationOptions,
  connection: DatanodeConnection,
  operation: {
    readonly name: OperationName
    readonly version: DataTransferVersion
    readonly bytes: Uint8Array
  },
  attempted: string,
): Promise<BlockOpResponseProto> {
  const { datanode, signal } = options
  const deadlineMs = performance.now() + (options.timeoutMs ?? socketTimeoutMsDefault)
  const where = `${attempted} from ${formatDatanodeAddress(datanode)}`
  return new Promise<BlockOpResponseProto>((resolve, reject) => {
    const fail = (error: unknown): void => {
      signal?.removeEventListener('abort', onAbort)
      connection.destroy()
      reject(error)
    }
    const onAbort = (): void => fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    connection.use({
      received() {
        try {
          const response = operation.version.takeResponse(operation.name, connection.input)
          if (response === undefined) return
          signal?.removeEventListener('abort', onAbort)
          resolve(response)
        } catch (error) {
          fail(asBlockReadError(attempted, error, datanode, 'protocol'))
        }
      },
      closed(error) {
        const found = error?.message ?? 'the DataNode closed the connection'
        fail(new BlockReadError('closed', `${where}: found ${found}`, { datanode, cause: error }))
      },
      sweep(nowMs) {
        if (nowMs > deadlineMs) {
          fail(new BlockReadError('timeout', `${where}: found no answer in time`, { datanode }))
        }
      },
    })
    connection.connection.write(operation.bytes)
  })
}
