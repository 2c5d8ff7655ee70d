/**
 * Most bytes that a packet may announce (its first length field), as `dfs.data.transfer.max.packet.size` of Hadoop
 * has it by default.
 */
export const packetBytesMax = 16 * 1024 * 1024

/** A packet header's length is a signed 16-bit number. Real headers take 25 or 27 bytes. */
export const packetHeaderBytesMax = 32_767

/** Most bytes of the message of an operation: a pipeline of 512 nodes with tokens fits well. */
export const operationBytesMax = 1024 * 1024

/** Most bytes of an operation of version 17, which are read again with each part that comes: 512 nodes fit. */
export const operation17BytesMax = 256 * 1024

/** Most bytes of an answer to an operation; the largest carry the text of a Java exception. */
export const responseBytesMax = 1024 * 1024

/** Most bytes of one acknowledgement: for each of 512 nodes a status and a flag word of up to 10 bytes each. */
export const pipelineAckBytesMax = 16 * 1024

/** Most bytes of the status that a reader sends when it has everything. */
export const readStatusBytesMax = 1024

/** Most DataNodes that one operation may name as targets. HDFS allows a replication of 512 (`dfs.replication.max`). */
export const targetsMax = 512

/** Most bytes that a delimited message's length may take: a varint of 32 bits. */
export const delimiterBytesMax = 5

/** What a writer puts into the first packets of a block unless told otherwise, as `dfs.client-write-packet-size`. */
export const packetDataBytesFirst = 64 * 1024

/**
 * What it puts into later ones. A DataNode's work is by the packet as much as by the byte (three threads wake for each):
 * against packets of 64 KiB a Java DataNode takes half the CPU time for a GiB. Beyond this the packet leaves the
 * processor's cache between being read, checked and written, and pipelines wait longer for a packet to be whole.
 */
export const packetDataBytesLater = 512 * 1024

/** A packet is at most this share of what the block has so far, so that little goes out soon and much in large pieces. */
export const packetGrowthShare = 1 / 4

/** How many packets a writer keeps in flight or ready to go, as `dfs.client.write.max-packets-in-flight`. */
export const packetsInFlightMax = 80

/** How many bytes of data these may hold: as many as 80 packets of 64 KiB. */
export const bytesInFlightMax = 80 * 64 * 1024
