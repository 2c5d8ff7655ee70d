/** Most bytes of a block token's identifier. Real ones take 60 to 300 bytes; storage ids make them longer. */
export const tokenIdentifierBytesMax = 64 * 1024

/** Most modes, storage types or storage ids that a block token may name. */
export const tokenItemsMax = 512
