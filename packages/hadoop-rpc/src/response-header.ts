// RpcResponseHeaderProto (RpcHeader.proto). As with requests, the usual form of a success has a hand-written path;
// everything else goes through the generated codec.
import { type ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import {
  RpcResponseHeaderProto,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { RemoteException } from './remote-exception.ts'
import { rpcVersion } from './rpc-constants.ts'

const callIdTag = 0x08
const statusTag = 0x10
const serverIpcVersionTag = 0x18
const clientIdTag = 0x3a
const retryCountTag = 0x40

/** Appends the delimited header of a successful answer [hrpc.response.1]. */
export function writeSuccessHeader(
  writer: ByteWriter,
  callId: number,
  clientId: Uint8Array,
  retryCount: number,
): void {
  const at = writer.openDelimited()
  writer.u8(callIdTag)
  writer.varint32(callId)
  writer.u8(statusTag)
  writer.u8(RpcStatus.SUCCESS)
  writer.u8(serverIpcVersionTag)
  writer.u8(rpcVersion)
  writer.u8(clientIdTag)
  writer.bytesDelimited(clientId)
  writer.u8(retryCountTag)
  writer.varint32(((retryCount << 1) ^ (retryCount >> 31)) >>> 0)
  writer.closeDelimited(at)
}

/** Appends a whole frame that says why a call failed (ERROR) or a connection ends (FATAL) [hrpc.error.1]. */
export function writeErrorFrame(
  writer: ByteWriter,
  status: number,
  callId: number,
  clientId: Uint8Array,
  retryCount: number,
  error: RemoteException,
): void {
  const at = writer.reserve(4)
  RpcResponseHeaderProto.encodeDelimited(writer, {
    // Negative ids travel as unsigned 32 bits [hrpc.call.3].
    callId: callId >>> 0,
    status,
    serverIpcVersionNum: rpcVersion,
    exceptionClassName: error.javaClass,
    errorMsg: error.errorMsg,
    errorDetail: error.detail,
    clientId,
    retryCount,
  })
  writer.setU32beAt(at, writer.length - at - 4)
}

/** Call id and, unless the call succeeded, why not. */
export interface ResponseHeader {
  readonly callId: number
  readonly error: RemoteException | undefined
  readonly fatal: boolean
}

/**
 * Reads the call id of a successful answer's header and moves past the header; −1 when it is not the usual form,
 * then the reader has not moved.
 */
export function readSuccessCallId(reader: ByteReader): number {
  const { bytes, position } = reader
  if (reader.remaining < 5 || bytes[position]! >= 0x80 || bytes[position + 1] !== callIdTag) return -1
  const end = position + 1 + bytes[position]!
  if (end > reader.end) return -1
  reader.position = position + 2
  const callId = reader.varint32()
  const at = reader.position
  if (
    at + 2 <= end &&
    bytes[at] === statusTag &&
    bytes[at + 1] === RpcStatus.SUCCESS &&
    callId < 0x8000_0000
  ) {
    reader.position = end
    return callId
  }
  reader.position = position
  return -1
}

/** Reads a delimited header of any form. What is neither SUCCESS nor ERROR ends the connection [hrpc.error.3]. */
export function readResponseHeader(reader: ByteReader): ResponseHeader {
  const header = RpcResponseHeaderProto.decodeDelimited(reader)
  const callId = header.callId | 0
  if (header.status === RpcStatus.SUCCESS) return { callId, error: undefined, fatal: false }
  if (header.exceptionClassName === undefined && header.errorMsg === undefined) {
    throw new ProtocolError(
      'ERR_HRPC_HEADER',
      `read the answer to call ${callId}: found status ${header.status} without class or message; one is required`,
      { path: 'RpcResponseHeaderProto.exceptionClassName' },
    )
  }
  const javaClass = header.exceptionClassName ?? 'java.io.IOException'
  return {
    callId,
    error: RemoteException.fromWire(
      javaClass,
      header.errorMsg ?? '',
      header.errorDetail,
      header.serverIpcVersionNum,
    ),
    fatal: header.status !== RpcStatus.ERROR,
  }
}
