/** A varint of 64 bits never needs more (protobuf encoding, "Base 128 varints"). */
export const varintBytesMax = 10

/** Writers start with room for one small message and double. */
export const writerBytesInitial = 256

/** One socket read; the bulk paths ask for more. */
export const receiveBytesInitial = 64 * 1024
