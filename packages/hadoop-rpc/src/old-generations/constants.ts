/** `SaslRpcServer.AuthMethod`, a byte of the preamble. */
export const AuthMethod = { SIMPLE: 80, KERBEROS: 81, DIGEST: 82 } as const

/** Stands where a frame's length would: a sign of life [hrpc4.call.3] [hrpc7.call.3]. */
export const pingLength = -1

/** What a server without security answers to one who wants to log in: go on without; `SWITCH_TO_SIMPLE_AUTH`. */
export const switchToSimple = -88
