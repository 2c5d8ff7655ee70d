/**
 * The identifier of a block token (Java: `BlockTokenIdentifier`): what its bearer may do with which block, until when.
 * The NameNode makes tokens, DataNodes check them. There are two forms, told apart by their first byte [token.form.1].
 */
import { ByteReader, ByteWriter, ProtocolError, readVLong, writeVLong } from '@cairn/bytes'
import { AccessModeProto, BlockTokenSecretProto, StorageTypeProto } from '@cairn/hadoop-proto'
import { tokenIdentifierBytesMax, tokenItemsMax } from './limits.ts'

/** The kind that Java gives block tokens (`TokenProto.kind`). */
export const blockTokenKind = 'HDFS_BLOCK_TOKEN'

/** How an identifier is written: as Writable fields, or as `BlockTokenSecretProto` (`dfs.block.access.token.protobuf.enable`). */
export type BlockTokenForm = 'legacy' | 'protobuf'

/** What a block token says. */
export interface BlockTokenIdentifier {
  /** Milliseconds since 1970. */
  readonly expiryDate: bigint
  /** Which block key signed it. */
  readonly keyId: number
  readonly userId: string | undefined
  readonly blockPoolId: string | undefined
  readonly blockId: bigint
  /** Numbers of `AccessModeProto`. */
  readonly modes: readonly number[]
  /** Numbers of `StorageTypeProto`; none = any. */
  readonly storageTypes: readonly number[]
  /** None = any. */
  readonly storageIds: readonly string[]
  /** The quality of protection that the NameNode wants, as text; sent back in the handshake. */
  readonly handshakeSecret?: Uint8Array | undefined
}

const modeNames = namesOf(AccessModeProto)
const storageTypeNames = namesOf(StorageTypeProto)

function namesOf(numbers: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]))
}

/** A mode's number for people. */
export function formatAccessMode(mode: number): string {
  return modeNames.get(mode) ?? `AccessMode(${mode})`
}

/** A storage type's number for people. */
export function formatStorageType(type: number): string {
  return storageTypeNames.get(type) ?? `StorageType(${type})`
}

/** An identifier as bytes [token.form.2] [token.form.3]. */
export function encodeBlockTokenIdentifier(id: BlockTokenIdentifier, form: BlockTokenForm): Uint8Array {
  return form === 'protobuf' ? encodeProtobuf(id) : encodeLegacy(id)
}

/** Reads either form; bytes that are none are a `ProtocolError` [token.form.1]. */
export function decodeBlockTokenIdentifier(bytes: Uint8Array): BlockTokenIdentifier {
  if (bytes.length === 0 || bytes.length > tokenIdentifierBytesMax) {
    throw new ProtocolError(
      'ERR_TOKEN_LENGTH',
      `read a block token: found ${bytes.length} bytes; 1 to ${tokenIdentifierBytesMax} are allowed`,
    )
  }
  return bytes[0]! === 0 || bytes[0]! > 0x7f ? decodeLegacy(bytes) : decodeProtobuf(bytes)
}

function encodeProtobuf(id: BlockTokenIdentifier): Uint8Array {
  return BlockTokenSecretProto.encode({
    expiryDate: id.expiryDate,
    keyId: id.keyId >>> 0,
    userId: id.userId,
    blockPoolId: id.blockPoolId,
    blockId: BigInt.asUintN(64, id.blockId),
    modes: [...id.modes],
    storageTypes: [...id.storageTypes],
    storageIds: [...id.storageIds],
    handshakeSecret: id.handshakeSecret?.length ? id.handshakeSecret : undefined,
  })
}

function decodeProtobuf(bytes: Uint8Array): BlockTokenIdentifier {
  const found = BlockTokenSecretProto.decode(bytes)
  return {
    expiryDate: BigInt.asIntN(64, found.expiryDate ?? 0n),
    keyId: (found.keyId ?? 0) | 0,
    userId: found.userId,
    blockPoolId: found.blockPoolId,
    blockId: BigInt.asIntN(64, found.blockId ?? 0n),
    modes: found.modes,
    storageTypes: found.storageTypes,
    storageIds: found.storageIds,
    handshakeSecret: found.handshakeSecret,
  }
}

function encodeLegacy(id: BlockTokenIdentifier): Uint8Array {
  const writer = new ByteWriter()
  writeVLong(writer, id.expiryDate)
  writeVLong(writer, BigInt(id.keyId))
  writeString(writer, id.userId)
  writeString(writer, id.blockPoolId)
  writeVLong(writer, id.blockId)
  writeVLong(writer, BigInt(id.modes.length))
  for (const mode of id.modes) writeText(writer, formatAccessMode(mode))
  writeVLong(writer, BigInt(id.storageTypes.length))
  for (const type of id.storageTypes) writeText(writer, formatStorageType(type))
  writeVLong(writer, BigInt(id.storageIds.length))
  for (const storageId of id.storageIds) writeString(writer, storageId)
  if (id.handshakeSecret?.length) {
    writeVLong(writer, BigInt(id.handshakeSecret.length))
    writer.bytes(id.handshakeSecret)
  }
  return writer.take()
}

/** Fields that an older release did not have may be missing at the end. */
function decodeLegacy(bytes: Uint8Array): BlockTokenIdentifier {
  const reader = new ByteReader(bytes)
  const expiryDate = readVLong(reader)
  const keyId = Number(BigInt.asIntN(32, readVLong(reader)))
  const userId = readString(reader)
  const blockPoolId = readString(reader)
  const blockId = readVLong(reader)
  const modes = readItems(reader, () => readEnum(reader, AccessModeProto, 'access mode'))
  const storageTypes = readItems(reader, () => readEnum(reader, StorageTypeProto, 'storage type'))
  const storageIds = readItems(reader, () => readString(reader) ?? '')
  const secretLength = reader.remaining === 0 ? 0 : readLength(reader, bytes.length, 'a handshake secret')
  const handshakeSecret = secretLength === 0 ? undefined : reader.copy(secretLength)
  return {
    expiryDate,
    keyId,
    userId,
    blockPoolId,
    blockId,
    modes,
    storageTypes,
    storageIds,
    handshakeSecret,
  }
}

function readLength(reader: ByteReader, max: number, what: string): number {
  const offset = reader.position
  const length = readVLong(reader)
  if (length >= 0n && length <= BigInt(max)) return Number(length)
  throw new ProtocolError(
    'ERR_TOKEN_LENGTH',
    `read ${what} of a block token: found length ${length}; 0 to ${max} are allowed`,
    { offset },
  )
}

function readItems<T>(reader: ByteReader, read: () => T): T[] {
  if (reader.remaining === 0) return []
  const items: T[] = []
  for (let left = readLength(reader, tokenItemsMax, 'a list'); left > 0; left--) items.push(read())
  return items
}

/** `WritableUtils.readString`: int32 length, −1 for null, then UTF-8. */
function readString(reader: ByteReader): string | undefined {
  const offset = reader.position
  const length = reader.i32be()
  if (length === -1) return undefined
  if (length >= 0 && length <= reader.remaining) return reader.utf8(length)
  throw new ProtocolError(
    'ERR_TOKEN_LENGTH',
    `read text of a block token: found length ${length}; −1 to ${reader.remaining} are allowed`,
    { offset },
  )
}

const textEncoder = new TextEncoder()

function writeString(writer: ByteWriter, text: string | undefined): void {
  if (text === undefined) {
    writer.i32be(-1)
    return
  }
  const bytes = textEncoder.encode(text)
  writer.i32be(bytes.length)
  writer.bytes(bytes)
}

/** `WritableUtils.readEnum`: the constant's name as Text. */
function readEnum(reader: ByteReader, numbers: Readonly<Record<string, number>>, what: string): number {
  const offset = reader.position
  const name = reader.utf8(readLength(reader, 64, `a ${what}`))
  const number = numbers[name]
  if (number !== undefined && Object.hasOwn(numbers, name)) return number
  throw new ProtocolError(
    'ERR_TOKEN_ENUM',
    `read a ${what} of a block token: found ${JSON.stringify(name)}; ${Object.keys(numbers).join(', ')} are known`,
    { offset },
  )
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = textEncoder.encode(text)
  writeVLong(writer, BigInt(bytes.length))
  writer.bytes(bytes)
}
