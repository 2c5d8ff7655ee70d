/**
 * What goes up in version 17: answers, acknowledgements, a reader's closing status. A status is an int16 with the
 * numbers of today's `Status` up to 6.
 */
import { ByteReader, ByteWriter, ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import {
  type BlockOpResponseProto,
  type ChecksumProto,
  type OpBlockChecksumResponseProto,
  Status,
} from '@cairn/hadoop-proto'
import { readText, writeText } from '@cairn/hadoop-writable'
import { targetsMax } from '../limits.ts'
import type { OperationName } from '../operation.ts'
import { type PipelineAck, replyOfStatus, unknownSeqno } from '../pipeline-ack.ts'
import { formatStatus } from '../status.ts'
import { checksumTypeOfHadoop1 } from './operation-17.ts'

const md5Bytes = 16

function readChecksum(reader: ByteReader): ChecksumProto {
  return { type: reader.u8(), bytesPerChecksum: reader.u32be() }
}

function writeChecksum(writer: ByteWriter, checksum: ChecksumProto): void {
  writer.u8(checksum.type)
  writer.u32be(checksum.bytesPerChecksum)
}

/** Later statuses are ERROR to Hadoop 1 [xfer17.response.1]. */
function writeStatus(writer: ByteWriter, status: number): void {
  writer.u16be(status <= Status.CHECKSUM_OK ? status : Status.ERROR)
}

function missing(operation: OperationName, field: string): ProtocolError {
  const message = `answer ${operation}: found no ${field}`
  return new ProtocolError('ERR_XFER_RESPONSE', message, { side: 'local' })
}

/** [xfer17.response.2] [xfer17.response.3] [xfer17.response.4] [xfer17.response.5] */
export function encodeResponse17(operation: OperationName, response: BlockOpResponseProto): Uint8Array {
  const writer = new ByteWriter()
  // Hadoop 1's balancer waits for the one answer and knows nothing of patience.
  if (response.status === Status.IN_PROGRESS) return writer.take()
  writeStatus(writer, response.status)
  if (operation === 'WRITE_BLOCK') writeText(writer, response.firstBadLink ?? '')
  if (response.status !== Status.SUCCESS) return writer.take()
  if (operation === 'READ_BLOCK' || operation === 'COPY_BLOCK') {
    const info = response.readOpChecksumInfo
    if (info === undefined) throw missing(operation, 'readOpChecksumInfo')
    writeChecksum(writer, info.checksum)
    if (operation === 'READ_BLOCK') writer.i64be(info.chunkOffset)
  }
  if (operation === 'BLOCK_CHECKSUM') {
    const sum = response.checksumResponse
    if (sum === undefined) throw missing(operation, 'checksumResponse')
    writer.u32be(sum.bytesPerCrc)
    writer.i64be(sum.crcPerBlock)
    writer.bytes(sum.blockChecksum)
  }
  return writer.take()
}

/** Takes an answer from the front; undefined while it is not all here. */
export function takeResponse17(
  operation: OperationName,
  input: ReceiveBuffer,
): BlockOpResponseProto | undefined {
  return takeWhole(input, (reader) => readResponse(operation, reader))
}

function readResponse(operation: OperationName, reader: ByteReader): BlockOpResponseProto {
  const status = readStatus(reader, 'an answer')
  const firstBadLink = operation === 'WRITE_BLOCK' ? readText(reader) : undefined
  if (status !== Status.SUCCESS) return { status, firstBadLink }
  switch (operation) {
    case 'READ_BLOCK': {
      const checksum = readChecksum(reader)
      return { status, readOpChecksumInfo: { checksum, chunkOffset: reader.i64be() } }
    }
    case 'COPY_BLOCK':
      return { status, readOpChecksumInfo: { checksum: readChecksum(reader), chunkOffset: 0n } }
    case 'BLOCK_CHECKSUM':
      return { status, checksumResponse: readSum(reader) }
    default:
      return { status, firstBadLink }
  }
}

function readSum(reader: ByteReader): OpBlockChecksumResponseProto {
  const bytesPerCrc = reader.u32be()
  const crcPerBlock = reader.i64be()
  return { bytesPerCrc, crcPerBlock, blockChecksum: reader.copy(md5Bytes), crcType: checksumTypeOfHadoop1 }
}

/** [xfer17.response.1] */
function readStatus(reader: ByteReader, what: string): number {
  const offset = reader.position
  const status = reader.u16be()
  if (status <= Status.CHECKSUM_OK) return status
  throw new ProtocolError(
    'ERR_XFER_STATUS',
    `read ${what}: found status ${status}; 0 (${formatStatus(0)}) to 6 (${formatStatus(6)}) are known`,
    { offset },
  )
}

/** Reads something short from the front; undefined while it is not all here. */
function takeWhole<T>(input: ReceiveBuffer, read: (reader: ByteReader) => T): T | undefined {
  const reader = new ByteReader(input.view())
  try {
    const value = read(reader)
    input.consume(reader.position)
    return value
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'ERR_BYTES_TRUNCATED') return undefined
    throw error
  }
}

/** [xfer17.ack.1] [xfer17.ack.2] */
export function encodeAck17(ack: PipelineAck): Uint8Array {
  const writer = new ByteWriter()
  if (ack.seqno === unknownSeqno) return writer.take()
  writer.i64be(BigInt(ack.seqno))
  writer.u16be(ack.replies.length)
  for (const { status } of ack.replies) writeStatus(writer, status)
  return writer.take()
}

/** Takes an acknowledgement from the front; undefined while it is not all here. */
export function takeAck17(input: ReceiveBuffer): PipelineAck | undefined {
  return input.length < 10 ? undefined : takeWhole(input, readAck)
}

function readAck(reader: ByteReader): PipelineAck {
  const seqno = Number(reader.i64be())
  if (!Number.isSafeInteger(seqno)) {
    throw new ProtocolError('ERR_XFER_ACK_SEQNO', `read an acknowledgement: found seqno ${seqno}`, {
      offset: 0,
    })
  }
  const count = reader.i16be()
  if (count < 0 || count > targetsMax + 1) {
    throw new ProtocolError(
      'ERR_XFER_ACK_REPLIES',
      `read an acknowledgement: found ${count} replies; 0 to ${targetsMax + 1} are allowed`,
      { offset: 8 },
    )
  }
  const replies = Array.from({ length: count }, () => replyOfStatus(readStatus(reader, 'an acknowledgement')))
  return { seqno, replies }
}

/** [xfer17.read.3] */
export function encodeReadStatus17(status: number): Uint8Array {
  const writer = new ByteWriter()
  writeStatus(writer, status)
  return writer.take()
}

export function takeReadStatus17(input: ReceiveBuffer): number | undefined {
  return takeWhole(input, (reader) => readStatus(reader, 'a read status'))
}
