/** Most data transfer connections served at once; Java's `dfs.datanode.max.transfer.threads`. */
export const xceiversMax = 4096

/** A connection waits this long for its next operation; Java's `dfs.datanode.socket.reuse.keepalive`. */
export const keepAliveMs = 4_000

/** A peer that moves no byte for this long in the middle of an operation is gone; Java's `dfs.client.socket-timeout`. */
export const idleMs = 60_000

/** Half-written replicas wait so long for their writers after a restart; Java's `dfs.datanode.restart.replica.expiration`. */
export const restartReplicaMs = 50_000

/**
 * How much longer than `idleMs` a node waits for its mirror, per node behind it, so that the one next to a silent node
 * sees it first; Java's `HdfsConstants.READ_TIMEOUT_EXTENSION` of 5 s, or less where `idleMs` is short.
 */
export function idlePerMirrorMs(idleMs: number): number {
  return Math.min(5_000, idleMs / 12)
}

/** Targets of one write. Java has no limit; a pipeline is as long as the replication, at most 512 in HDFS. */
export const targetsMax = 512

/** One read from disk on the way to a reader, data bytes. Larger reads stop paying off. */
export const readBytes = 512 * 1024

/** Reads up to this size are done at once, without the thread pool: from the page cache they cost microseconds. */
export const readSyncBytesMax = 64 * 1024

/** Unsent bytes at which a reader is given no more packets. */
export const sendHighWaterBytes = 1024 * 1024

/** Data bytes in one packet to a reader; Java's `io.file.buffer.size` rule gives 64 KiB. */
export const packetDataBytes = 64 * 1024

/** Room for each read of a connection that waits for an operation, or reads a block: thousands may be open. */
export const operationReadBytes = 4 * 1024

/** Room for each read of a connection that writes a block. */
export const packetReadBytes = 64 * 1024

/** Received bytes held by one writing connection: a whole packet of the largest size fits. */
export const receiveBytesMax = 17 * 1024 * 1024

/** What a writing connection reads at once. */
export const receiveBytesInitial = 1024 * 1024

/** Replicas in one block report call; above it each storage gets its own; Java's `dfs.blockreport.split.threshold`. */
export const reportSplitReplicas = 1_000_000

/** Longest that work on many replicas keeps the event loop at a time. */
export const sliceMs = 5

/** Bytes in one buffer of a block report, as in Java's `BlockListAsLongs`. */
export const reportBufferBytes = 64 * 1024

/** Replicas sent to other nodes at once; Java's `dfs.namenode.replication.max-streams-hard-limit` bounds the orders. */
export const transfersMax = 8

/** Balancer moves at once; Java's `dfs.datanode.balance.max.concurrent.moves`. */
export const balancerMovesMax = 100

/** Memory blocks are kept in segments of this size. */
export const memorySegmentBytes = 1024 * 1024

/** Versions of Hadoop RPC that a DataNode speaks unless told otherwise. */
export const rpcVersionsDefault: readonly number[] = [9]

/** Incremental report entries held while the NameNode is away; beyond it a full report replaces them. */
export const incrementalEntriesMax = 1_000_000

/** Reports of bad blocks and errors held while a NameNode is away. */
export const namenodeMessagesMax = 1_000

/** Replicas deleted at once; Java's `dfs.datanode.fsdatasetasyncdisk.max.threads.per.volume`. */
export const invalidationsMax = 4
