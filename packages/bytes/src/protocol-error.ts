/** Whose fault it was: `local` = we were asked to send something illegal, `remote` = the peer sent it. */
export type FaultSide = 'local' | 'remote'

export interface ProtocolErrorOptions {
  /** Default `remote`. */
  side?: FaultSide
  /** Byte offset of the fault in the frame or file that was being decoded. */
  offset?: number
  /** Field that was being decoded, such as `LocatedBlockProto.offset`. */
  path?: string
  cause?: unknown
}

/**
 * Bytes that a protocol does not allow. Every decoder of Cairn throws this and nothing else.
 * `code` is stable (`ERR_HRPC_FRAME_TOO_LARGE`); callers test it, never the text.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: string
  readonly side: FaultSide
  readonly offset: number | undefined
  readonly path: string | undefined

  constructor(code: string, message: string, options: ProtocolErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.side = options.side ?? 'remote'
    this.offset = options.offset
    this.path = options.path
  }
}
