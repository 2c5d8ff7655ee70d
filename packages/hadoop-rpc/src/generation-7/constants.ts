/** Generations with the frames of this folder: 7 (Hadoop 2.0.0 to 2.0.2-alpha) and 8 (2.0.3 to 2.0.6-alpha) [hrpc7.preamble.1]. */
export type Generation7 = 7 | 8

/** `SaslRpcServer.AuthMethod`, the byte behind the version [hrpc7.preamble.1]. */
export const AuthMethod = { SIMPLE: 80, KERBEROS: 81, DIGEST: 82 } as const

/** `Server.IpcSerializationType`, the last byte of the preamble. */
export const protobufSerialization = 0

/** "hrpc", version, authentication method, serialization. */
export const preambleBytes7 = 7

/** Stands where a frame's length would: a sign of life [hrpc7.call.3]. */
export const pingLength = -1

/** What a server without security answers to one who wants to log in: go on without; `SWITCH_TO_SIMPLE_AUTH` [hrpc7.auth.1]. */
export const switchToSimple = -88
