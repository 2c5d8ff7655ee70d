import { AccessModeProto, type StorageTypeProto, StorageTypeProto as StorageTypes } from '@cairn/hadoop-proto'
import type { Operation } from '../data-transfer/operation.ts'
import { type BlockTokenIdentifier, formatAccessMode, formatStorageType } from './block-token.ts'

/** What an operation asks for, to be compared with what its block token grants. */
export interface BlockAccess {
  readonly blockPoolId: string
  readonly blockId: bigint
  /** A number of `AccessModeProto`. */
  readonly mode: number
  /** Storages on which the operation will put the block; undefined = it puts it nowhere. */
  readonly storageTypes?: readonly StorageTypeProto[] | undefined
  readonly storageIds?: readonly string[] | undefined
}

/**
 * Why a token does not grant an access, or undefined when it does. The token's password is checked by whoever has the
 * keys. Java: `BlockTokenSecretManager.checkAccess` [token.check.2] [token.check.3].
 */
export function refuseBlockAccess(
  id: BlockTokenIdentifier,
  access: BlockAccess,
  nowMs: number,
): string | undefined {
  if (id.blockPoolId !== access.blockPoolId || id.blockId !== access.blockId) {
    return `the token is for block ${id.blockId} of ${id.blockPoolId}, not for ${access.blockId} of ${access.blockPoolId}`
  }
  if (BigInt(nowMs) > id.expiryDate) return `the token expired at ${id.expiryDate}; it is ${nowMs}`
  if (!id.modes.includes(access.mode)) {
    const granted = id.modes.map(formatAccessMode).join(', ')
    return `the token grants ${granted || 'nothing'}, not ${formatAccessMode(access.mode)}`
  }
  return (
    refuseStorages(id.storageTypes, access.storageTypes, formatStorageType) ??
    refuseStorages(id.storageIds, access.storageIds, String)
  )
}

/** Each storage asked for must be granted as often as it is asked for; a token that names none grants all. */
function refuseStorages<T>(
  granted: readonly T[],
  asked: readonly T[] | undefined,
  format: (item: T) => string,
): string | undefined {
  if (asked === undefined || asked.length === 0 || granted.length === 0) return undefined
  const left = [...granted]
  for (const item of asked) {
    const at = left.indexOf(item)
    if (at < 0) return `the token grants storages ${granted.map(format)}, not ${asked.map(format)}`
    left.splice(at, 1)
  }
  return undefined
}

const { READ, WRITE, COPY, REPLACE } = AccessModeProto

/** What each operation needs; undefined for those that need no token [token.check.1]. */
export function accessOf(operation: Operation): BlockAccess | undefined {
  switch (operation.name) {
    case 'READ_BLOCK':
      return access(operation.request.header.baseHeader.block, READ)
    case 'BLOCK_CHECKSUM':
    case 'BLOCK_GROUP_CHECKSUM':
    case 'REQUEST_SHORT_CIRCUIT_FDS':
      return access(operation.request.header.block, READ)
    case 'COPY_BLOCK':
      return access(operation.request.header.block, COPY)
    case 'WRITE_BLOCK': {
      const request = operation.request
      const storageTypes = [request.storageType ?? StorageTypes.DISK, ...request.targetStorageTypes]
      // Clients before 3.0 name no storage ids.
      const targets = request.targetStorageIds
      const storageIds = targets.length > 0 ? [request.storageId ?? '', ...targets] : []
      return access(request.header.baseHeader.block, WRITE, storageTypes, storageIds)
    }
    case 'TRANSFER_BLOCK': {
      const { header, targetStorageTypes, targetStorageIds } = operation.request
      return access(header.baseHeader.block, COPY, targetStorageTypes, targetStorageIds)
    }
    case 'REPLACE_BLOCK': {
      const { header, storageType, storageId } = operation.request
      return access(header.block, REPLACE, [storageType ?? StorageTypes.DISK], [storageId ?? ''])
    }
    default:
      return undefined
  }
}

/** The token that came with an operation. */
export function tokenOf(operation: Operation): { identifier: Uint8Array; password: Uint8Array } | undefined {
  switch (operation.name) {
    case 'READ_BLOCK':
    case 'WRITE_BLOCK':
    case 'TRANSFER_BLOCK':
      return operation.request.header.baseHeader.token
    case 'BLOCK_CHECKSUM':
    case 'BLOCK_GROUP_CHECKSUM':
    case 'REQUEST_SHORT_CIRCUIT_FDS':
    case 'COPY_BLOCK':
    case 'REPLACE_BLOCK':
      return operation.request.header.token
    default:
      return undefined
  }
}

function access(
  block: { readonly poolId: string; readonly blockId: bigint },
  mode: number,
  storageTypes?: readonly number[],
  storageIds?: readonly string[],
): BlockAccess {
  return {
    blockPoolId: block.poolId,
    blockId: BigInt.asIntN(64, block.blockId),
    mode,
    storageTypes,
    storageIds,
  }
}
