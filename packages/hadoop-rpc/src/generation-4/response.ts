// Answers of generation 4. They have no length around them, so only reading the value finds their end [hrpc4.response.1]:
//
//     | int32 call id | int32 status | SUCCESS: the value as an ObjectWritable                        |
//                                    | ERROR, FATAL: text class, text message with the stack trace   |
import { ByteReader, type ByteWriter, ProtocolError } from '@cairn/bytes'
import { RpcResponseHeaderProto_RpcErrorCodeProto as RpcErrorCode } from '@cairn/hadoop-proto'
import { ObjectScanner, readObject, type TypeRegistry } from '@cairn/hadoop-writable'
import type { OldAnswer } from '../old-generations/old-client-session.ts'
import { readOldText, writeOldText } from '../old-text.ts'
import { RemoteException } from '../remote-exception.ts'
import { Status4 } from './constants.ts'

const headerBytes = 8

/** From so many bytes on an answer that is not here whole is passed over piece by piece. */
const scannedBytesMin = 16 * 1024

/** Appends why a call failed (ERROR) or the connection ends (FATAL). */
export function writeError4(
  writer: ByteWriter,
  status: number,
  callId: number,
  error: RemoteException,
): void {
  writer.i32be(callId)
  writer.i32be(status)
  writeOldText(writer, error.javaClass)
  writeOldText(writer, status === Status4.ERROR ? stringified(error) : error.errorMsg)
}

/** Java's text of an exception begins with its class, and is that alone where there is no message [hrpc4.error.1]. */
function stringified({ javaClass, message, trace }: RemoteException): string {
  return (message === '' || message === javaClass ? javaClass : `${javaClass}: ${message}`) + trace
}

/** The text without the class that stands before it already. */
function withoutClass(javaClass: string, text: string): string {
  return text.startsWith(`${javaClass}: `) ? text.slice(javaClass.length + 2) : text
}

/** Looks for the end of an answer that comes in pieces. */
export class AnswerEnd4 {
  readonly #registry: TypeRegistry
  /** There while a large answer is on its way. */
  #scanner: ObjectScanner | undefined

  constructor(registry: TypeRegistry) {
    this.#registry = registry
  }

  /** Moves over a value; false when more of it is to come. */
  find(reader: ByteReader): boolean {
    // Most answers are small and here at once.
    if (this.#scanner === undefined && reader.remaining < scannedBytesMin)
      return readsWhole(reader, this.#registry)
    this.#scanner ??= new ObjectScanner(this.#registry)
    if (!this.#scanner.scan(reader)) return false
    this.#scanner = undefined
    return true
  }
}

/** Reads the answer that begins at `at`; undefined when it has not arrived whole. */
export function readAnswer4(bytes: Uint8Array, at: number, valueEnd: AnswerEnd4): OldAnswer | undefined {
  if (bytes.length - at < headerBytes) return undefined
  const reader = new ByteReader(bytes, at)
  const callId = reader.i32be()
  const status = reader.i32be()
  if (status === Status4.SUCCESS) {
    const start = reader.position
    return valueEnd.find(reader) ? { callId, start, end: reader.position } : undefined
  }
  if (status !== Status4.ERROR && status !== Status4.FATAL) {
    throw new ProtocolError(
      'ERR_HRPC_HEADER',
      `read the answer to call ${callId}: found status ${status}; 0, 1 or -1 is allowed`,
      { offset: at + 4 },
    )
  }
  const javaClass = readOldText(reader)
  const message = javaClass === undefined ? undefined : readOldText(reader)
  if (javaClass === undefined || message === undefined) return undefined
  const fatal = status === Status4.FATAL
  const detail = fatal ? RpcErrorCode.FATAL_UNKNOWN : RpcErrorCode.ERROR_APPLICATION
  return {
    callId,
    error: RemoteException.fromWire(javaClass, fatal ? message : withoutClass(javaClass, message), detail),
    fatal,
    end: reader.position,
  }
}

/** Moves over a value; false when more of it is to come. */
function readsWhole(reader: ByteReader, registry: TypeRegistry): boolean {
  try {
    readObject(reader, registry)
    return true
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'ERR_BYTES_TRUNCATED') return false
    throw error
  }
}
