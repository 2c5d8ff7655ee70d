/** What can be wrong with a TNetstring; stable, for programs to test. */
export type TnetstringErrorCode =
  | 'ERR_TNS_SIZE'
  | 'ERR_TNS_TOO_LARGE'
  | 'ERR_TNS_TYPE'
  | 'ERR_TNS_TRUNCATED'
  | 'ERR_TNS_OVERRUN'
  | 'ERR_TNS_TRAILING'
  | 'ERR_TNS_INTEGER'
  | 'ERR_TNS_FLOAT'
  | 'ERR_TNS_BOOLEAN'
  | 'ERR_TNS_NULL'
  | 'ERR_TNS_KEY'
  | 'ERR_TNS_DUPLICATE_KEY'
  | 'ERR_TNS_DICT'
  | 'ERR_TNS_DEPTH'
  | 'ERR_TNS_COUNT'
  | 'ERR_TNS_VALUE'

/**
 * Bytes that are no TNetstring, or a value that cannot be one. Every function of this package that reads bytes throws
 * this and nothing else.
 */
export class TnetstringError extends Error {
  override readonly name = 'TnetstringError'
  readonly code: TnetstringErrorCode
  /** `remote`: in bytes that were read. `local`: in a value that was to be written. */
  readonly side: 'local' | 'remote'
  /** Offset of the first wrong byte from the beginning of the input; of a stream, from its first byte. */
  readonly offset: number | undefined

  constructor(code: TnetstringErrorCode, message: string, offset?: number) {
    super(offset === undefined ? message : `${message} (at byte ${offset})`)
    this.code = code
    this.side = offset === undefined ? 'local' : 'remote'
    this.offset = offset
  }
}
