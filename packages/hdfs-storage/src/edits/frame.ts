/**
 * The frame around each operation (`FSEditLogOp.Writer`, `LengthPrefixedReader`):
 *
 *     | opcode u8 | length i32 | txid i64 | body … | CRC-32 u32 |
 *                 |<------- length ------->|
 *     |<------------- covered by CRC -------------->|
 *
 * Rules [edits.op.1] to [edits.op.3]. Invariant: nothing of a frame is believed, not even its body's first byte, before
 * its checksum agrees; only its length is looked at first, whether it is one that may be read at all ([edits.op.2]).
 */
import { ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import { editOpBytesMax } from '../limits.ts'
import type { Field } from './field.ts'
import { type EditOp, type EditOpName, operations } from './operations.ts'
import { readInt64Number, writeInt64Number } from './writable.ts'

/** Opcode to checksum of an operation without a body. */
export const editFrameBytesMin = 17
/** Padding after the last operation (`OP_INVALID`). */
export const opInvalid = 0xff
const frameExtraBytes = 5
const two32 = 0x1_0000_0000

interface OperationCodec {
  readonly name: EditOpName
  readonly opcode: number
  readonly fields: readonly (readonly [name: string, field: Field<unknown>])[]
}

const byName = new Map<string, OperationCodec>()
const byOpcode: (OperationCodec | undefined)[] = []
for (const [name, { opcode, fields }] of Object.entries(operations)) {
  const codec = {
    name: name as EditOpName,
    opcode,
    fields: Object.entries(fields) as [string, Field<unknown>][],
  }
  byName.set(name, codec)
  byOpcode[opcode] = codec
}

/** Whether an operation of the format has this opcode. */
export function isKnownOpcode(opcode: number): boolean {
  return byOpcode[opcode] !== undefined
}

/**
 * Appends one framed operation. A value that the format cannot hold throws a `ProtocolError` of side `local`, and
 * what it had written must be dropped with it.
 */
export function writeEditOp(writer: ByteWriter, txid: number, op: EditOp): void {
  const codec = byName.get(op.op)
  if (codec === undefined) {
    throw new ProtocolError('ERR_HSTORAGE_OPCODE', `write an operation: found the unknown name ${op.op}`, {
      side: 'local',
    })
  }
  const start = writer.reserve(frameExtraBytes)
  writeInt64Number(writer, txid)
  const source = op as unknown as Record<string, unknown>
  for (const [name, field] of codec.fields) field.write(writer, source[name])
  const length = writer.length - start
  if (length + 4 > editOpBytesMax) {
    throw new ProtocolError(
      'ERR_HSTORAGE_OP_TOO_LARGE',
      `write ${op.op}: found ${length + 4} bytes; up to ${editOpBytesMax} are allowed`,
      { side: 'local' },
    )
  }
  const frame = writer.view(start)
  frame[0] = codec.opcode
  writer.setU32beAt(start + 1, length - 1)
  writer.u32be(kernel.crc('CRC32', frame))
}

/** One operation as read from a log. */
export interface EditRecord {
  readonly txid: number
  readonly op: EditOp
}

/** Where a frame is in its buffer, checked against its checksum; the body is not decoded yet. */
export interface EditFrame {
  readonly opcode: number
  readonly txid: number
  readonly start: number
  /** Behind the checksum. */
  readonly end: number
}

/** Why there is no valid frame at an offset. `short` = the bytes end before the frame does. */
export type FrameFault = { readonly fault: 'short' | 'bad'; readonly found: string }

function bad(found: string): FrameFault {
  return { fault: 'bad', found }
}

function u32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Looks at the frame that starts at `start`, without throwing: a fault is an answer. */
export function checkFrame(bytes: Uint8Array, start: number, end = bytes.length): EditFrame | FrameFault {
  if (end - start < frameExtraBytes) return { fault: 'short', found: `${end - start} bytes` }
  const opcode = bytes[start]!
  if (!isKnownOpcode(opcode)) return bad(`opcode ${opcode}`)
  const size = u32At(bytes, start + 1) + frameExtraBytes
  if (size < editFrameBytesMin || size > editOpBytesMax) return bad(`a frame of ${size} bytes`)
  if (end - start < size) return { fault: 'short', found: `${end - start} of ${size} bytes` }
  const sumAt = start + size - 4
  const expected = u32At(bytes, sumAt)
  const actual = kernel.crc('CRC32', bytes.subarray(start, sumAt)) >>> 0
  if (expected !== actual)
    return bad(`checksum ${expected.toString(16)} over bytes whose checksum is ${actual.toString(16)}`)
  const txid = (u32At(bytes, start + 5) | 0) * two32 + u32At(bytes, start + 9)
  return { opcode, txid, start, end: start + size }
}

/** Decodes the body of a frame that `checkFrame` approved. */
export function decodeFrame(bytes: Uint8Array, frame: EditFrame): EditRecord {
  const reader = new ByteReader(bytes, frame.start + frameExtraBytes, frame.end - 4)
  const txid = readInt64Number(reader)
  const codec = byOpcode[frame.opcode]!
  const op: Record<string, unknown> = { op: codec.name }
  for (const [name, field] of codec.fields) op[name] = field.read(reader)
  if (reader.remaining !== 0) {
    throw new ProtocolError(
      'ERR_HSTORAGE_OP_LENGTH',
      `decode ${codec.name} of transaction ${txid}: found ${reader.remaining} bytes after its fields; none are allowed`,
      { offset: reader.position, path: codec.name },
    )
  }
  return { txid, op: op as unknown as EditOp }
}
