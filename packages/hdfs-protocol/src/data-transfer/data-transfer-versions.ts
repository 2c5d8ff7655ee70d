import { ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import type { DataTransferVersion } from './data-transfer-version.ts'
import { dataTransfer17 } from './version-17/version-17.ts'
import { dataTransfer28 } from './version-28.ts'

/** Every version that is spoken here, today's first. */
export const dataTransferVersions: readonly DataTransferVersion[] = [dataTransfer28, dataTransfer17]

/**
 * The version of the operation at the front, by its first two bytes; undefined while they are not here. One that is not
 * spoken is a `ProtocolError` [xfer.op.2].
 */
export function dataTransferVersionAt(input: ReceiveBuffer): DataTransferVersion | undefined {
  if (input.length < 2) return undefined
  const number = input.i16be(0)
  const found = dataTransferVersions.find(({ version }) => version === number)
  if (found !== undefined) return found
  const spoken = dataTransferVersions.map(({ version, releases }) => `${version} (${releases})`).join(' and ')
  throw new ProtocolError(
    'ERR_XFER_VERSION',
    `read an operation: found version ${number}; ${spoken} are spoken here`,
    { offset: 0 },
  )
}
