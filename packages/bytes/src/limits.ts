/** A varint of 64 bits never needs more (protobuf encoding, "Base 128 varints"). */
export const varintBytesMax = 10

/** Writers start with room for one small message and double. */
export const writerBytesInitial = 256

/** One socket read; the bulk paths ask for more. */
export const receiveBytesInitial = 64 * 1024

/** Longest `Uint8Array` that V8 keeps in its own heap (`typed_array_max_size_in_heap`). */
export const heapBytesMax = 64
/** Copies up to this long share a buffer; one that is kept alive keeps `poolBytes` alive at worst. */
export const pooledBytesMax = 1024
export const poolBytes = 8 * 1024
