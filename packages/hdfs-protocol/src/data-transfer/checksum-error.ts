import { ProtocolError } from '@cairn/bytes'

/**
 * Data that does not match its checksum. `code` is `ERR_XFER_CHECKSUM`; `offset` is where the first bad chunk starts
 * in the block. The bytes before it in the same packet are not delivered either.
 */
export class ChecksumError extends ProtocolError {
  declare readonly offset: number

  constructor(attempted: string, blockOffset: number) {
    super(
      'ERR_XFER_CHECKSUM',
      `${attempted}: found a checksum that does not match at block offset ${blockOffset}`,
      {
        offset: blockOffset,
      },
    )
  }
}
