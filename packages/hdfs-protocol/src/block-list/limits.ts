/** How many bytes of a block list go into one element of `blocksBuffers`, as in Java. Entries may span elements. */
export const blocksBufferBytes = 64 * 1024

/** Fewest bytes that an entry of the buffers form takes: four varints. */
export const replicaEntryBytesMin = 4
