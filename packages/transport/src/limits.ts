/** Free room offered to each socket read. Node's own read size; block data asks for up to 1 MiB. */
export const readBytesDefault = 64 * 1024

/** `write()` answers false from here on: four socket buffers' worth, enough to keep a loopback pipe full. */
export const highWaterBytesDefault = 1024 * 1024

/** Waiting bytes that are worth a system call of their own before the turn ends. */
export const flushBytes = 256 * 1024

/** Chunks below this are copied together into one write; above it the copy costs more than a writev entry. */
export const joinBytesMax = 8 * 1024

/** `ipc.client.connect.timeout` of Hadoop. */
export const connectTimeoutMsDefault = 20_000

/** Accepted and not yet taken connections the kernel keeps; `ipc.server.listen.queue.size` of Hadoop is 256. */
export const backlogDefault = 511
