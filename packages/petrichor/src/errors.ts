/** What can go wrong with a connection; stable, for programs to test. */
export type PetrichorErrorCode =
  | 'ERR_PETRICHOR_HEADER'
  | 'ERR_PETRICHOR_TRUNCATED'
  | 'ERR_PETRICHOR_CLOSED'
  | 'ERR_PETRICHOR_CLOSED_BEFORE_REPLY'
  | 'ERR_PETRICHOR_DENIED'
  | 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT'
  | 'ERR_PETRICHOR_MESSAGE_TIMEOUT'
  | 'ERR_PETRICHOR_IDLE_TIMEOUT'
  | 'ERR_PETRICHOR_REPLY_TIMEOUT'
  | 'ERR_PETRICHOR_PEER_NOT_READING'
  | 'ERR_PETRICHOR_IN_FLIGHT'
  | 'ERR_PETRICHOR_MEMORY'
  | 'ERR_PETRICHOR_HELPER'

/** What broke a connection, or kept a call from its answer. Wrong bytes are a `TnetstringError`, its sibling. */
export class PetrichorError extends Error {
  override readonly name = 'PetrichorError'
  readonly code: PetrichorErrorCode
  /** Offset in the bytes received where the fault is, where it is one of bytes. */
  readonly offset: number | undefined

  constructor(
    code: PetrichorErrorCode,
    message: string,
    options: { readonly offset?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.offset = options.offset
  }
}
