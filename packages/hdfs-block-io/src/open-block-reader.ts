import { kernel as bestKernel, type ChecksumKernel } from '@cairn/checksum'
import type { CachingStrategyProto, ExtendedBlockProto, TokenProto } from '@cairn/hadoop-proto'
import { BlockReadClientSession, type DataTransferVersion, dataTransfer28 } from '@cairn/hdfs-protocol'
import { asBlockReadError, BlockReadError } from './block-io-error.ts'
import { BlockReader } from './block-reader.ts'
import type { DatanodeAddress } from './datanode-address.ts'
import type { DatanodeConnection } from './datanode-connection.ts'
import type { DatanodeConnections } from './datanode-connections.ts'
import { socketTimeoutMsDefault } from './limits.ts'

export interface OpenBlockReaderOptions {
  readonly connections: DatanodeConnections
  readonly block: ExtendedBlockProto
  readonly token: TokenProto
  readonly datanode: DatanodeAddress
  /** First byte wanted, in the block. */
  readonly offset: number
  /** Bytes wanted; not beyond the replica. */
  readonly length: number
  readonly clientName: string
  /** Ask for checksums and verify them. Default true. */
  readonly verifyChecksums?: boolean | undefined
  /** Aborting rejects what waits with `signal.reason` and drops the connection. */
  readonly signal?: AbortSignal | undefined
  /** Longest silence of the DataNode. Default 60 s. */
  readonly timeoutMs?: number | undefined
  readonly cachingStrategy?: CachingStrategyProto | undefined
  /** Default: the best one of this machine. */
  readonly kernel?: ChecksumKernel | undefined
  /** What the DataNode speaks. Default version 28: Hadoop 0.23 and later. */
  readonly dataTransfer?: DataTransferVersion | undefined
}

/**
 * Asks a DataNode for a range of a block; resolves when it has agreed. Rejects with `BlockReadError` or
 * `signal.reason`; `read()` and `nextChunk()` of the reader fail the same way.
 */
export async function openBlockReader(options: OpenBlockReaderOptions): Promise<BlockReader> {
  options.signal?.throwIfAborted()
  const { keepsConnections } = options.dataTransfer ?? dataTransfer28
  for (;;) {
    const idle = keepsConnections ? options.connections.takeIdle(options.datanode) : undefined
    if (idle === undefined) return startReader(options, await connect(options))
    try {
      return await startReader(options, idle)
    } catch (error) {
      // The DataNode may have closed an idle connection just now: that says nothing about the block.
      if (!(error instanceof BlockReadError && error.kind === 'closed')) throw error
    }
  }
}

async function connect(options: OpenBlockReaderOptions): Promise<DatanodeConnection> {
  try {
    return await options.connections.open(options.datanode, options, options.signal)
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason
    throw asBlockReadError(attemptedRead(options), error, options.datanode, 'connect')
  }
}

function attemptedRead({ block, offset, length }: OpenBlockReaderOptions): string {
  return `read ${length} bytes at ${offset} of block ${block.blockId}`
}

async function startReader(
  options: OpenBlockReaderOptions,
  connection: DatanodeConnection,
): Promise<BlockReader> {
  const verify = options.verifyChecksums ?? true
  const { block, token, clientName, offset, length, cachingStrategy } = options
  const session = new BlockReadClientSession(
    { block, token, clientName, offset, length, sendChecksums: verify, cachingStrategy },
    verify ? (options.kernel ?? bestKernel) : undefined,
    connection.input,
    options.dataTransfer,
  )
  const reader = new BlockReader({
    connections: options.connections,
    connection,
    session,
    attempted: attemptedRead(options),
    timeoutMs: options.timeoutMs ?? socketTimeoutMsDefault,
    signal: options.signal,
  })
  await reader.start()
  return reader
}
