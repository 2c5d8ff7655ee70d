/** Room offered to each read of block data: several packets a system call. */
export const blockReadBytes = 256 * 1024

/** Room offered to each read where only answers and acknowledgements come. */
export const answersReadBytes = 4096

/** What a connection's receive buffer starts with: what was read ahead and one more read fit. */
export const receiveBufferBytes = 512 * 1024

/** Received and not yet asked for: from here on a reader stops reading from its socket. */
export const readAheadBytesMax = 256 * 1024

/** Idle connections to one DataNode that are kept. */
export const idlePerDatanodeMax = 16

/** Idle connections are dropped before the DataNode does it (`dfs.datanode.socket.reuse.keepalive`, 4 s; [xfer.op.5]). */
export const idleMsDefault = 3000

/** How often deadlines are looked at. */
export const sweepIntervalMs = 250

/** Longest silence of a DataNode, as `dfs.client.socket-timeout` of Hadoop. */
export const socketTimeoutMsDefault = 60_000

/** Each further node of a pipeline may take this much longer (Java: `HdfsConstants.READ_TIMEOUT_EXTENSION`). */
export const timeoutPerNodeMs = 5000

/** A writer whose window was full goes on when this share of it is free, so that it sends several packets at once. */
export const windowFreeShare = 0.25

/** How long a closed reader waits for the empty last packet, to keep its connection. */
export const drainMsMax = 1000
