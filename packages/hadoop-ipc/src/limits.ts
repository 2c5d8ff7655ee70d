/** `ipc.client.rpc-timeout.ms` of Hadoop 3.4. */
export const callTimeoutMsDefault = 120_000

/** `ipc.client.connect.timeout`. */
export const connectTimeoutMsDefault = 20_000

/** `ipc.ping.interval`. */
export const pingIntervalMsDefault = 60_000

/** `ipc.client.connection.maxidletime`. */
export const clientIdleMsDefault = 10_000

/** Deadlines are kept to within this. */
export const sweepIntervalMs = 100

/** A server's connection without calls is closed after this; Hadoop's clients give up theirs after 10 s. */
export const serverIdleMsDefault = 60_000

/** From the first byte to the connection context, negotiation included. */
export const handshakeMsDefault = 5_000

/** Half a frame and then nothing for this long is a stalled peer. */
export const stallMsDefault = 10_000

/** A whole frame must have come within this, however steadily it trickles. */
export const frameMsDefault = 120_000

/** How long `RpcServer.close()` waits for the calls it has accepted. */
export const closeMsDefault = 10_000

/** Free room for one read: RPC frames are small, and thousands of connections may be open. */
export const rpcReadBytes = 16 * 1024

/** Answers that a client may leave unread before its server connection is no longer read. */
export const unsentBytesMax = 8 * 1024 * 1024

/** After its last answer a server waits this long for the peer's FIN. */
export const lingerMs = 1_000

/** Servers whose version of Hadoop RPC is remembered. */
export const addressesRememberedMax = 1_000

/** Calls of one connection that were given up and may still be answered; beyond that any late answer is let pass. */
export const abandonedCallsMax = 4096
