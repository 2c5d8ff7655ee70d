/**
 * Operations of version 17 (Java: `DataXceiver` of Hadoop 1): int16 17, one byte code, then fields without lengths or
 * numbers. They come out as today's messages; Hadoop 1 has no block pools, so their id is empty.
 */
import { ByteReader, ByteWriter, ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import {
  ChecksumTypeProto,
  type ExtendedBlockProto,
  type OpBlockChecksumProto,
  type OpCopyBlockProto,
  type OpReadBlockProto,
  type OpReplaceBlockProto,
  type OpWriteBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  type TokenProto,
} from '@cairn/hadoop-proto'
import { readText, type Writable, writeText } from '@cairn/hadoop-writable'
import {
  datanode1Of,
  datanodeOf,
  signed,
  token1Of,
  tokenOf1,
  unsigned,
} from '../../hadoop-1/dialect/values.ts'
import { DatanodeInfo1, Token1 } from '../../hadoop-1/writables.ts'
import { operation17BytesMax, targetsMax } from '../limits.ts'
import {
  formatOperationCode,
  type Operation,
  type OperationName,
  type OperationRequest,
  operationOfCode,
  operations,
} from '../operation.ts'

/** The number before every operation of Hadoop 1 (`DataTransferProtocol.DATA_TRANSFER_VERSION`). */
export const dataTransferVersion17 = 17

const headBytes = 3
const emptyToken: TokenProto = {
  identifier: new Uint8Array(),
  password: new Uint8Array(),
  kind: '',
  service: '',
}

/** How the fields of one operation are read and written. */
interface OperationForm<Request> {
  read(reader: ByteReader): Request
  write(writer: ByteWriter, request: Request): void
}

function readBlock(reader: ByteReader): ExtendedBlockProto {
  return { poolId: '', blockId: reader.i64be(), generationStamp: unsigned(reader.i64be()) }
}

function writeBlock(
  writer: ByteWriter,
  block: ExtendedBlockProto,
  generationStamp = block.generationStamp,
): void {
  writer.i64be(signed(block.blockId))
  writer.i64be(signed(generationStamp))
}

const readToken = (reader: ByteReader): TokenProto => tokenOf1(Token1.read(reader))

function writeToken(writer: ByteWriter, token: TokenProto | undefined): void {
  Token1.write(writer, token1Of(token ?? emptyToken))
}

/** [xfer17.op.2] */
const readForm: OperationForm<OpReadBlockProto> = {
  read(reader) {
    const block = readBlock(reader)
    const offset = unsigned(reader.i64be())
    const len = unsigned(reader.i64be())
    const clientName = readText(reader)
    return { header: { baseHeader: { block, token: readToken(reader) }, clientName }, offset, len }
  },
  write(writer, { header, offset, len }) {
    writeBlock(writer, header.baseHeader.block)
    writer.i64be(signed(offset))
    writer.i64be(signed(len))
    writeText(writer, header.clientName)
    writeToken(writer, header.baseHeader.token)
  },
}

/** [xfer17.op.3] */
const writeForm: OperationForm<OpWriteBlockProto> = {
  read(reader) {
    const block = readBlock(reader)
    const pipelineSize = reader.i32be() >>> 0
    const recovers = readBoolean(reader, 'isRecovery')
    const clientName = readText(reader)
    const source = readBoolean(reader, 'hasSrcDataNode') ? datanodeOf(DatanodeInfo1.read(reader)) : undefined
    const targets = readList(reader, DatanodeInfo1).map(datanodeOf)
    const token = readToken(reader)
    const type = reader.u8()
    return {
      header: { baseHeader: { block, token }, clientName },
      targets,
      source,
      stage: recovers ? Stage.PIPELINE_SETUP_APPEND_RECOVERY : Stage.PIPELINE_SETUP_CREATE,
      pipelineSize,
      minBytesRcvd: 0n,
      maxBytesRcvd: 0n,
      latestGenerationStamp: recovers ? block.generationStamp : 0n,
      requestedChecksum: { type, bytesPerChecksum: reader.u32be() },
      targetStorageTypes: [],
      targetPinnings: [],
      targetStorageIds: [],
    }
  },
  write(writer, request) {
    const { baseHeader, clientName } = request.header
    const recovers = recovering(request)
    writeBlock(writer, baseHeader.block, recovers ? request.latestGenerationStamp : undefined)
    writer.i32be(request.pipelineSize | 0)
    writer.u8(recovers ? 1 : 0)
    writeText(writer, clientName)
    writer.u8(request.source === undefined ? 0 : 1)
    if (request.source !== undefined) DatanodeInfo1.write(writer, datanode1Of(request.source))
    writer.i32be(request.targets.length)
    for (const target of request.targets) DatanodeInfo1.write(writer, datanode1Of(target))
    writeToken(writer, baseHeader.token)
    writer.u8(request.requestedChecksum.type)
    writer.u32be(request.requestedChecksum.bytesPerChecksum)
  },
}

/** Hadoop 1 knows two ways to begin: with a new replica, and with one whose recovery gave it its generation stamp. */
function recovering({ stage, latestGenerationStamp }: OpWriteBlockProto): boolean {
  return (
    latestGenerationStamp > 0n &&
    (stage === Stage.PIPELINE_SETUP_APPEND ||
      stage === Stage.PIPELINE_SETUP_APPEND_RECOVERY ||
      stage === Stage.PIPELINE_SETUP_STREAMING_RECOVERY ||
      stage === Stage.PIPELINE_CLOSE_RECOVERY)
  )
}

/** [xfer17.op.4] */
const bareForm: OperationForm<OpBlockChecksumProto & OpCopyBlockProto> = {
  read(reader) {
    const block = readBlock(reader)
    return { header: { block, token: readToken(reader) } }
  },
  write(writer, { header }) {
    writeBlock(writer, header.block)
    writeToken(writer, header.token)
  },
}

/** [xfer17.op.5] */
const replaceForm: OperationForm<OpReplaceBlockProto> = {
  read(reader) {
    const block = readBlock(reader)
    const delHint = readText(reader)
    const source = datanodeOf(DatanodeInfo1.read(reader))
    return { header: { block, token: readToken(reader) }, delHint, source }
  },
  write(writer, { header, delHint, source }) {
    writeBlock(writer, header.block)
    writeText(writer, delHint)
    DatanodeInfo1.write(writer, datanode1Of(source))
    writeToken(writer, header.token)
  },
}

const forms: { readonly [N in OperationName]?: OperationForm<OperationRequest<N>> } = {
  READ_BLOCK: readForm,
  WRITE_BLOCK: writeForm,
  REPLACE_BLOCK: replaceForm,
  COPY_BLOCK: bareForm,
  BLOCK_CHECKSUM: bareForm,
}

function readBoolean(reader: ByteReader, field: string): boolean {
  const offset = reader.position
  const value = reader.u8()
  if (value <= 1) return value === 1
  throw new ProtocolError('ERR_XFER_BOOLEAN', `read ${field}: found ${value}; 0 and 1 are known`, { offset })
}

/** [xfer.op.4] */
function readList<T>(reader: ByteReader, form: Writable<T>): T[] {
  const offset = reader.position
  const count = reader.i32be()
  if (count < 0 || count > targetsMax) {
    throw new ProtocolError(
      'ERR_XFER_TARGETS',
      `read operation WRITE_BLOCK: found ${count} targets; 0 to ${targetsMax} are allowed`,
      { offset },
    )
  }
  return Array.from({ length: count }, () => form.read(reader))
}

/** The bytes that start an operation [xfer17.op.1]. */
export function encodeOperation17<N extends OperationName>(
  name: N,
  request: OperationRequest<N>,
): Uint8Array {
  const form = forms[name] as OperationForm<OperationRequest<N>> | undefined
  if (form === undefined) {
    const message = `send operation ${name}: found no such operation in data transfer version 17 (Hadoop 1)`
    throw new ProtocolError('ERR_XFER_OPERATION', message, { side: 'local' })
  }
  const writer = new ByteWriter()
  writer.u16be(dataTransferVersion17)
  writer.u8(operations[name].code)
  form.write(writer, request)
  return writer.take()
}

/**
 * Takes an operation from the front; undefined while it is not all here. Nothing says how long it is, so it is read
 * again when more has come; what is not whole after `operation17BytesMax` bytes is refused [xfer17.op.6].
 */
export function takeOperation17(input: ReceiveBuffer): Operation | undefined {
  if (input.length < 2) return undefined
  const version = input.i16be(0)
  if (version !== dataTransferVersion17) {
    const message = `read an operation: found version ${version}; ${dataTransferVersion17} is due`
    throw new ProtocolError('ERR_XFER_VERSION', message, { offset: 0 })
  }
  if (input.length < headBytes) return undefined
  const code = input.u8(2)
  const name = operationOfCode(code)
  const form = name === undefined ? undefined : forms[name]
  if (name === undefined || form === undefined) {
    const message = `read an operation: found ${formatOperationCode(code)}; ${Object.keys(forms).join(', ')} are known`
    throw new ProtocolError('ERR_XFER_OPERATION', message, { offset: 2 })
  }
  const reader = new ByteReader(input.view(0, Math.min(input.length, operation17BytesMax)), headBytes)
  const request = readWhole(reader, input.length, name, () => form.read(reader))
  if (request === undefined) return undefined
  input.consume(reader.position)
  // The form was taken from the entry of the same name.
  return { name, request } as Operation
}

/** Undefined where the bytes end too early but more may come. */
function readWhole<T>(reader: ByteReader, here: number, name: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'ERR_BYTES_TRUNCATED') throw error
    if (here < operation17BytesMax) return undefined
    const message = `read operation ${name}: found ${here} bytes; at most ${operation17BytesMax} are allowed`
    throw new ProtocolError('ERR_XFER_MESSAGE_TOO_LARGE', message, { offset: reader.position, cause: error })
  }
}

/** The type that Hadoop 1 means where it says nothing [xfer17.response.4]. */
export const checksumTypeOfHadoop1 = ChecksumTypeProto.CHECKSUM_CRC32
