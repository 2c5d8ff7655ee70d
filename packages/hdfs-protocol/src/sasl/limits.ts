/** Most bytes of one message of the handshake; the largest carry an identifier twice, in base64. */
export const saslMessageBytesMax = 64 * 1024

/** Most bytes of a challenge or response of DIGEST-MD5. Java takes challenges of 2048 and responses of 4096. */
export const digestBytesMax = 32 * 1024

/** Most bytes of one wrapped token: Java wraps whatever one write gives it, a packet of 16 MiB at most. */
export const saslTokenBytesMax = 17 * 1024 * 1024

/** What is wrapped at once: below the 65536 bytes (`maxbuf`) that a peer of DIGEST-MD5 takes by default. */
export const saslWrapBytesMax = 63 * 1024

/** Most ciphers that a peer may propose for the connection. */
export const cipherOptionsMax = 16
