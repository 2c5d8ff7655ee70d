// Answers of generations 7 and 8. They have no length around them, so only parsing finds their end [hrpc7.response.1]:
//
//     | delimited RpcResponseHeaderProto | SUCCESS: int32 length | message                 |
//                                        | ERROR, FATAL: text class | text message + trace |
import { ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import {
  RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode,
  RpcResponseHeaderProto,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { frameLength } from '../framing.ts'
import { responseHeaderBytesMax } from '../limits.ts'
import type { OldAnswer } from '../old-generations/old-client-session.ts'
import { readOldText, writeOldText } from '../old-text.ts'
import { RemoteException } from '../remote-exception.ts'

/** Appends the header of an answer; negative call ids travel as unsigned 32 bits. */
export function writeResponseHeader7(
  writer: ByteWriter,
  callId: number,
  status: number,
  version?: number,
): void {
  RpcResponseHeaderProto.encodeDelimited(writer, {
    callId: callId >>> 0,
    status,
    serverIpcVersionNum: version,
  })
}

/** Appends why a call failed (ERROR), or why the connection ends (FATAL, which names the server's version). */
export function writeError7(
  writer: ByteWriter,
  status: number,
  callId: number,
  error: RemoteException,
  version?: number,
): void {
  writeResponseHeader7(writer, callId, status, version)
  writeOldText(writer, error.javaClass)
  writeOldText(writer, error.errorMsg)
}

/** Reads the answer that begins at `at`; undefined when it has not arrived whole. */
export function readAnswer7(bytes: Uint8Array, at: number, frameBytesMax: number): OldAnswer | undefined {
  const headerStart = wholeHeader(bytes, at)
  if (headerStart === undefined) return undefined
  const reader = new ByteReader(bytes, at)
  const header = RpcResponseHeaderProto.decodeDelimited(reader)
  const callId = header.callId | 0
  if (header.status === RpcStatus.SUCCESS) {
    if (reader.remaining < 4) return undefined
    const start = reader.position + 4
    const end = start + frameLength(bytes, reader.position, frameBytesMax)
    return end > bytes.length ? undefined : { callId, start, end }
  }
  const javaClass = readOldText(reader)
  const message = javaClass === undefined ? undefined : readOldText(reader)
  if (javaClass === undefined || message === undefined) return undefined
  const fatal = header.status !== RpcStatus.ERROR
  const detail = fatal ? RpcErrorCode.FATAL_UNKNOWN : RpcErrorCode.ERROR_APPLICATION
  return {
    callId,
    error: RemoteException.fromWire(javaClass, message, detail),
    fatal,
    end: reader.position,
  }
}

/** Where a header that is all here begins behind its length; undefined when it is not. */
function wholeHeader(bytes: Uint8Array, at: number): number | undefined {
  let length = 0
  for (let index = 0; ; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (length > responseHeaderBytesMax || index > 4) {
      throw new ProtocolError(
        'ERR_HRPC_HEADER',
        `read an answer: found a header of ${length} bytes or more; ${responseHeaderBytesMax} is the limit`,
        { offset: at },
      )
    }
    if (byte >= 0x80) continue
    const start = at + index + 1
    return start + length > bytes.length ? undefined : start
  }
}
