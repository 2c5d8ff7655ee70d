/**
 * An operation's head, Java's `Sender` and `Receiver`:
 *
 *     | int16 28 | uint8 code | varint length | message |
 *
 * Operations may follow each other on one connection.
 */
import { ByteWriter, ProtocolError, type ReceiveBuffer } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { findDelimited } from './delimited.ts'
import { operationBytesMax, targetsMax } from './limits.ts'
import {
  dataTransferVersion,
  formatOperationCode,
  type Operation,
  type OperationName,
  type OperationRequest,
  operationOfCode,
  operations,
} from './operation.ts'

const headBytes = 3

/** The bytes that start operation `name` [xfer.op.1]. */
export function encodeOperation<N extends OperationName>(name: N, request: OperationRequest<N>): Uint8Array {
  const writer = new ByteWriter()
  writer.u16be(dataTransferVersion)
  writer.u8(operations[name].code)
  // The table pairs each name with the codec of its own message.
  const codec = operations[name].request as unknown as MessageCodec<OperationRequest<N>>
  codec.encodeDelimited(writer, request)
  return writer.take()
}

/**
 * Takes an operation from the front; undefined while it is not all here. Wrong version, unknown code and too many
 * targets are `ProtocolError`s as soon as they are seen [xfer.op.2] [xfer.op.3] [xfer.op.4].
 */
export function takeOperation(input: ReceiveBuffer): Operation | undefined {
  if (input.length < 2) return undefined
  const version = input.i16be(0)
  if (version !== dataTransferVersion) {
    throw new ProtocolError(
      'ERR_XFER_VERSION',
      `read an operation: found version ${version}; ${dataTransferVersion} is spoken here`,
      { offset: 0 },
    )
  }
  if (input.length < headBytes) return undefined
  const name = operationOfCode(input.u8(2))
  if (name === undefined) {
    throw new ProtocolError(
      'ERR_XFER_OPERATION',
      `read an operation: found ${formatOperationCode(input.u8(2))}; ${Object.keys(operations).join(', ')} are known`,
      { offset: 2 },
    )
  }
  const span = findDelimited(input, headBytes, operationBytesMax, `operation ${name}`)
  if (span === undefined) return undefined
  const request = operations[name].request.decode(input.view(span.start, span.end))
  input.consume(span.end)
  checkTargets(name, request)
  // The codec was taken from the entry of the same name.
  return { name, request } as Operation
}

function checkTargets(name: OperationName, request: object): void {
  if (!('targets' in request) || !Array.isArray(request.targets)) return
  if (request.targets.length > targetsMax) {
    throw new ProtocolError(
      'ERR_XFER_TARGETS',
      `read operation ${name}: found ${request.targets.length} targets; at most ${targetsMax} are allowed`,
      { path: `${name}.targets` },
    )
  }
}
