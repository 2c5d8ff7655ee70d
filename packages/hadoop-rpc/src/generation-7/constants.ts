/** Generations with the frames of this folder: 7 (Hadoop 2.0.0 to 2.0.2-alpha) and 8 (2.0.3 to 2.0.6-alpha) [hrpc7.preamble.1]. */
export type Generation7 = 7 | 8

/** `Server.IpcSerializationType`, the last byte of the preamble. */
export const protobufSerialization = 0

/** "hrpc", version, authentication method, serialization. */
export const preambleBytes7 = 7
