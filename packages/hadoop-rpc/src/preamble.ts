// The first seven bytes of a connection, and what a server says to those that are not Hadoop RPC 9
// [hrpc.preamble.1]:
//
//     | "hrpc" | version | service class | auth protocol |
import { ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import {
  RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode,
  RpcResponseHeaderProto_RpcStatusProto as RpcStatus,
} from '@cairn/hadoop-proto'
import { readOldText, writeOldText } from './old-text.ts'
import { RemoteException } from './remote-exception.ts'
import { sameAt } from './request-header.ts'
import { writeErrorFrame } from './response-header.ts'
import {
  AuthProtocol,
  invalidRetryCount,
  RpcErrorClass,
  rpcMagic,
  rpcVersion,
  SpecialCallId,
} from './rpc-constants.ts'
import { formatVersionMismatch } from './version-mismatch.ts'

/** What a browser, a health check or a mistyped URL gets; `Server.RECEIVED_HTTP_REQ_RESPONSE` in our words. */
const httpReply = [
  'HTTP/1.1 404 Not Found',
  'Content-type: text/plain',
  '',
  'This is a Hadoop RPC port: it does not speak HTTP. The web pages of this server are on another port.',
  '',
].join('\r\n')

const httpMethods = ['GET ', 'HEAD', 'POST', 'PUT ', 'OPTI', 'DELE', 'PATC', 'CONN', 'TRAC']
const noClientId = new Uint8Array(0)
const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

/** Appends a client's preamble. */
export function writePreamble(writer: ByteWriter, serviceClass: number, authProtocol: number): void {
  writer.bytes(rpcMagic)
  writer.u8(rpcVersion)
  writer.u8(serviceClass)
  writer.u8(authProtocol)
}

export interface Preamble {
  readonly serviceClass: number
  readonly authProtocol: number
}

/**
 * Answers a peer that does not speak one of the versions spoken here, in the form that its own kind understands
 * [hrpc.preamble.3]; returns the error to throw. `bytes` are its first five or more.
 */
export function refusePreamble(
  bytes: Uint8Array,
  reply: ByteWriter,
  spoken: readonly number[],
  hint?: string,
): ProtocolError {
  const first = ascii(bytes.subarray(0, 4))
  if (httpMethods.includes(first)) {
    reply.utf8(httpReply)
    return new ProtocolError(
      'ERR_HRPC_NOT_RPC',
      'read the preamble: found an HTTP request; Hadoop RPC is spoken here',
    )
  }
  const version = (bytes[4]! << 24) >> 24
  writeVersionMismatch(reply, version, spoken, hint)
  if (!sameAt(bytes, 0, rpcMagic)) {
    return new ProtocolError(
      'ERR_HRPC_NOT_RPC',
      `read the preamble: found ${JSON.stringify(first)}; Hadoop RPC begins with "hrpc"`,
      { offset: 0 },
    )
  }
  const allowed = `${spoken.join(', ')} ${spoken.length === 1 ? 'is' : 'are'} spoken here`
  return new ProtocolError(
    'ERR_HRPC_VERSION',
    `read the preamble: found Hadoop RPC version ${version}; ${allowed}${hint === undefined ? '' : ` (${hint})`}`,
    { offset: 4 },
  )
}

/**
 * Reads a client's preamble; `bytes` holds at least seven. For anything else but Hadoop RPC 9 it appends the
 * reply that this kind of peer understands and throws.
 */
export function readPreamble(bytes: Uint8Array, reply: ByteWriter): Preamble {
  if (!sameAt(bytes, 0, rpcMagic) || bytes[4] !== rpcVersion) throw refusePreamble(bytes, reply, [rpcVersion])
  const authProtocol = bytes[6]!
  if (authProtocol !== AuthProtocol.NONE && authProtocol !== AuthProtocol.SASL) {
    const signed = (authProtocol << 24) >> 24
    const error = new RemoteException(RpcErrorClass.IpcException, `Unknown auth protocol:${signed}`, {
      detail: RpcErrorCode.FATAL_UNAUTHORIZED,
    })
    writeErrorFrame(reply, RpcStatus.FATAL, SpecialCallId.REFUSED, noClientId, invalidRetryCount, error)
    throw new ProtocolError(
      'ERR_HRPC_AUTH',
      `read the preamble: found auth protocol ${signed}; 0 (none) or -33 (SASL) is allowed`,
      { offset: 6 },
    )
  }
  return { serviceClass: bytes[5]!, authProtocol }
}

/** Each generation has its own form of "I do not speak your version" [hrpc.preamble.3]. */
function writeVersionMismatch(
  writer: ByteWriter,
  version: number,
  spoken: readonly number[],
  hint: string | undefined,
): void {
  const message = formatVersionMismatch(version, spoken, hint)
  const error = new RemoteException(RpcErrorClass.VersionMismatch, message, {
    detail: RpcErrorCode.FATAL_VERSION_MISMATCH,
  })
  if (version >= 9) {
    writeErrorFrame(writer, RpcStatus.FATAL, SpecialCallId.REFUSED, noClientId, invalidRetryCount, error)
  } else if (version >= 3) {
    writer.i32be(SpecialCallId.REFUSED)
    writer.i32be(oldStatusFatal)
    writeOldText(writer, error.javaClass)
    writeOldText(writer, message)
  } else if (version === 2) {
    writer.i32be(0)
    writer.u8(1)
    writeOldText(writer, error.javaClass)
    writeOldText(writer, message)
  }
}

const oldStatusFatal = -1

/**
 * Looks at a server's first bytes for answers that are no frames: HTTP, TLS, or the unframed reply of generations 3
 * to 8. Throws `ERR_HRPC_NOT_RPC` for the first two, returns the remote exception of the third, `'more'` when the
 * bytes do not suffice to tell, and `undefined` when a frame begins.
 */
export function readForeignReply(bytes: Uint8Array): RemoteException | 'more' | undefined {
  if (bytes.length < 4) return 'more'
  const first = ascii(bytes.subarray(0, 4))
  if (first === 'HTTP') {
    throw new ProtocolError(
      'ERR_HRPC_NOT_RPC',
      'read the first answer: found an HTTP server; this is an HTTP port (such as 9870), the RPC port is usually 8020 or 9000',
    )
  }
  if (bytes[0] === 0x15 && bytes[1] === 0x03) {
    throw new ProtocolError(
      'ERR_HRPC_NOT_RPC',
      'read the first answer: found a TLS alert; this is an HTTPS port (such as 9871), the RPC port is usually 8020 or 9000',
    )
  }
  if (new ByteReader(bytes).i32be() !== SpecialCallId.REFUSED) return undefined
  if (bytes.length < 12) return 'more'
  const reader = new ByteReader(bytes, 4)
  if (reader.i32be() !== oldStatusFatal) return undefined
  const javaClass = readOldText(reader)
  const message = javaClass === undefined ? undefined : readOldText(reader)
  if (javaClass === undefined || message === undefined) return 'more'
  return RemoteException.fromWire(javaClass, message, RpcErrorCode.FATAL_VERSION_MISMATCH)
}
