/** The generation of Hadoop 0.20 and 1.x [hrpc4.preamble.1]. */
export const rpcVersion4 = 4

/** "hrpc", version, authentication method. */
export const preambleBytes4 = 6

/** Status of an answer; `Server.Status` [hrpc4.response.1]. */
export const Status4 = { SUCCESS: 0, ERROR: 1, FATAL: -1 } as const
