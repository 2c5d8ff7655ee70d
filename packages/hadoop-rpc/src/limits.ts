/** `ipc.maximum.data.length`: the largest request frame that Hadoop's servers take. */
export const requestFrameBytesMax = 128 * 1024 * 1024

/** `ipc.maximum.response.length`: the largest answer that Hadoop's clients take. */
export const responseFrameBytesMax = 128 * 1024 * 1024

/** Before the connection context nobody is known and nothing large is due; Kerberos tickets stay far below. */
export const frameBytesBeforeContextMax = 1024 * 1024

/** Protocol, method and user names; the longest of Hadoop's own has 71 characters. */
export const nameBytesMax = 256

/** Calls that one connection may have unanswered; then the server stops reading (back-pressure by TCP). */
export const callsInFlightMax = 1024

/** Class name or message of an old-format reply, which has no frame around it. */
export const oldReplyTextBytesMax = 64 * 1024

/** Request headers that a server session remembers decoded; a client uses few methods at a time. */
export const methodHeadersKept = 16

/** Room in the receive buffer beyond the largest frame, for what one read brings after it. */
export const readAheadBytes = 1024 * 1024

/** Output buffers start with the size of the last output, within these bounds. */
export const outputBytesInitialMin = 512
export const outputBytesInitialMax = 64 * 1024

/** Receive buffers start small, because servers hold thousands of idle connections; busy ones double theirs. */
export const inputBytesInitial = 16 * 1024

/** The header in front of an answer of generations 7 and 8: a call id and a status take a dozen bytes. */
export const responseHeaderBytesMax = 64 * 1024
