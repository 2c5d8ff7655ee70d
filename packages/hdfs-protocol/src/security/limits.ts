/** Most bytes of a block token's identifier. Real ones take 60 to 300 bytes; storage ids make them longer. */
export const tokenIdentifierBytesMax = 64 * 1024

/** Most modes, storage types or storage ids that a block token may name. */
export const tokenItemsMax = 512

/** Most bytes of one message of the handshake. Java takes challenges of 2048 and responses of 4096 bytes. */
export const saslMessageBytesMax = 64 * 1024

/** Most bytes of a challenge or response of DIGEST-MD5; an identifier appears twice in a response, in base64. */
export const digestBytesMax = 32 * 1024

/** Most bytes of one wrapped token: Java wraps whatever one write gives it, a packet of 16 MiB at most. */
export const saslTokenBytesMax = 17 * 1024 * 1024

/** What is wrapped at once: below the 65536 bytes (`maxbuf`) that a peer of DIGEST-MD5 takes by default. */
export const saslWrapBytesMax = 63 * 1024
