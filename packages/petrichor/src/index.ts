export {
  bodyLimits,
  type Dict,
  type Encodable,
  headerLimits,
  type Limits,
  TnetstringError,
  TnsFloat,
  type Value,
} from '@cairn/tnetstrings'
export { connect, connectStream, connectUnix } from './connect.ts'
export { Connection, type ConnectionOptions, type Handler } from './connection.ts'
export { PetrichorError, type PetrichorErrorCode } from './errors.ts'
export {
  type Connected,
  connectAllowed,
  DeniedError,
  type HandshakeOptions,
  handshake,
} from './handshake.ts'
export type { Helper, HelperLink, Reply } from './helper.ts'
export { defaultLimits, type PetrichorLimitOptions, type PetrichorLimits } from './limits.ts'
export { memoryPair } from './memory-pair.ts'
export {
  bodyText,
  type Header,
  type HeaderInit,
  headerText,
  type Message,
  type OutgoingMessage,
} from './message.ts'
export {
  accept,
  type Conn,
  connectionOf,
  peerAllowed,
  peerDenied,
  readChunk,
  recv,
  request,
  send,
} from './primitives.ts'
export { MessageReader, type ReaderOptions, type TextOption } from './reader.ts'
export { type Acceptance, type ServeOptions, type Server, serve } from './serve.ts'
export { PetrichorSession, type SessionState } from './session.ts'
export {
  connect_allowed,
  peer_allowed,
  peer_denied,
  read_chunk,
} from './snake-case.ts'
export { EOF, type WaitOptions } from './waiters.ts'
export { MessageWriter } from './writer.ts'
