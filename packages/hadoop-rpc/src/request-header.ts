// RpcRequestHeaderProto (RpcHeader.proto) as every client writes it: fields 1 to 5 in order, nothing else. Both
// directions have a hand-written path for exactly that form, because every call pays for it; any other form goes
// through the generated codec, which is also the oracle in the tests.
import type { ByteReader, ByteWriter } from '@cairn/bytes'
import {
  RpcKindProto as RpcKind,
  RpcRequestHeaderProto_OperationProto as RpcOp,
  RpcRequestHeaderProto,
} from '@cairn/hadoop-proto'
import { clientIdBytes, invalidRetryCount } from './rpc-constants.ts'

// Tags: field number * 8 + wire type.
const rpcKindTag = 0x08
const rpcOpTag = 0x10
const callIdTag = 0x18
const clientIdTag = 0x22
const retryCountTag = 0x28
const callerContextTag = 0x3a

/** What a server needs of a request header. */
export interface RequestHeader {
  readonly rpcKind: number | undefined
  readonly rpcOp: number | undefined
  readonly callId: number
  readonly retryCount: number
  readonly clientId: Uint8Array
  readonly callerContext: string | undefined
  readonly stateId: bigint | undefined
}

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0

/** Appends the delimited header of a protobuf call [hrpc.header.1] [hrpc.header.3]. `callerContext` is an encoded RPCCallerContextProto. */
export function writeRequestHeader(
  writer: ByteWriter,
  callId: number,
  clientId: Uint8Array,
  retryCount: number,
  callerContext?: Uint8Array,
): void {
  const at = writer.openDelimited()
  writer.u8(rpcKindTag)
  writer.u8(RpcKind.RPC_PROTOCOL_BUFFER)
  writer.u8(rpcOpTag)
  writer.u8(RpcOp.RPC_FINAL_PACKET)
  writer.u8(callIdTag)
  writer.varint32(zigzag(callId))
  writer.u8(clientIdTag)
  writer.bytesDelimited(clientId)
  writer.u8(retryCountTag)
  writer.varint32(zigzag(retryCount))
  if (callerContext !== undefined) {
    writer.u8(callerContextTag)
    writer.bytesDelimited(callerContext)
  }
  writer.closeDelimited(at)
}

/** Reads a delimited header. `known` is given back instead of a copy when the client id is the same. */
export function readRequestHeader(reader: ByteReader, known: Uint8Array | undefined): RequestHeader {
  const start = reader.position
  const header = readPlain(reader, known)
  if (header !== undefined) return header
  reader.position = start
  const full = RpcRequestHeaderProto.decodeDelimited(reader)
  return {
    rpcKind: full.rpcKind,
    rpcOp: full.rpcOp,
    callId: full.callId,
    retryCount: full.retryCount ?? invalidRetryCount,
    clientId: full.clientId,
    callerContext: full.callerContext?.context,
    stateId: full.stateId,
  }
}

/** The usual form, or `undefined` when it is any other. */
function readPlain(reader: ByteReader, known: Uint8Array | undefined): RequestHeader | undefined {
  const { bytes, position } = reader
  // Length, kind, op, call id, client id and retry count take at least 26 bytes.
  if (reader.remaining < 26 || bytes[position]! >= 0x80) return undefined
  const end = position + 1 + bytes[position]!
  if (end > reader.end || bytes[position + 1] !== rpcKindTag || bytes[position + 2]! >= 0x80) return undefined
  if (bytes[position + 3] !== rpcOpTag || bytes[position + 4]! >= 0x80) return undefined
  if (bytes[position + 5] !== callIdTag) return undefined
  reader.position = position + 6
  const callId = reader.varint32()
  const idAt = reader.position + 2
  if (bytes[idAt - 2] !== clientIdTag || bytes[idAt - 1] !== clientIdBytes) return undefined
  const retryAt = idAt + clientIdBytes
  if (retryAt + 2 > end || bytes[retryAt] !== retryCountTag) return undefined
  reader.position = retryAt + 1
  const retryCount = reader.varint32()
  if (reader.position !== end) return undefined
  return {
    rpcKind: bytes[position + 2]!,
    rpcOp: bytes[position + 4]!,
    callId: (callId >>> 1) ^ -(callId & 1),
    retryCount: (retryCount >>> 1) ^ -(retryCount & 1),
    clientId:
      known?.length === clientIdBytes && sameAt(bytes, idAt, known) ? known : bytes.slice(idAt, retryAt),
    callerContext: undefined,
    stateId: undefined,
  }
}

/** Whether `expected` stands in `bytes` at `at`. */
export function sameAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[at + index] !== expected[index]) return false
  }
  return true
}
