// The seed's own names, so that its programs can be written down line by line.
import { connectAllowed } from './handshake.ts'
import { peerAllowed, peerDenied, readChunk } from './primitives.ts'

/** `connectAllowed` under the seed's name. */
export const connect_allowed = connectAllowed
/** `peerAllowed` under the seed's name. */
export const peer_allowed = peerAllowed
/** `peerDenied` under the seed's name. */
export const peer_denied = peerDenied
/** `readChunk` under the seed's name. */
export const read_chunk = readChunk
