// Calls and answers that no honest peer sends, in the frames of each generation.
import { ByteWriter, concatBytes } from '@cairn/bytes'
import type { MessageCodec } from '@cairn/hadoop-proto'
import { clientProtocol, type HdfsGeneration } from '@cairn/hdfs-protocol'

/** A codec that writes these bytes, whatever the message is. */
export function raw(bytes: Uint8Array): MessageCodec<undefined> {
  const never = (): never => {
    throw new TypeError('decode: these bytes are only written')
  }
  return {
    typeName: 'raw',
    fields: [],
    encode: () => bytes,
    write: (writer) => writer.bytes(bytes),
    encodeDelimited: (writer) => writer.bytesDelimited(bytes),
    decode: never,
    read: never,
    decodeDelimited: never,
  }
}

const none = { onResponse: () => {}, onError: () => {}, onFatal: () => {} }

const session = (generation: HdfsGeneration) =>
  generation.clientSession({
    user: 'mallory',
    protocol: clientProtocol.name,
    clientId: new Uint8Array(16),
    events: none,
  })

/** What a client of this generation says first. */
export const greeting = (generation: HdfsGeneration): Uint8Array => session(generation).takeOutput()

/** The frame of one call, with any bytes as its message. */
export function callFrame(generation: HdfsGeneration, method: string, message: Uint8Array): Uint8Array {
  const client = session(generation)
  client.takeOutput()
  client.call(0, 0, method, raw(message), undefined)
  return client.takeOutput()
}

/** The frames in which a server of this generation answers call `callId` with any bytes as the message. */
export function answerFrame(generation: HdfsGeneration, callId: number, message: Uint8Array): Uint8Array {
  const server = generation.serverSession({ events: { onContext: () => {}, onCall: () => {} } })
  server.receive(greeting(generation))
  const clientId = new Uint8Array(16)
  const call = { callId, retryCount: 0, clientId, protocol: clientProtocol.name, method: 'm', version: 1n }
  const where = { bytes: message, start: 0, end: 0, callerContext: undefined, stateId: undefined }
  server.respond({ ...call, ...where }, raw(message), undefined)
  return server.takeOutput()
}

/** Bytes that a writer of any kind makes. */
export function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  write(writer)
  return writer.take()
}

/** An int32 in front of bytes. */
export const int32 = (value: number, ...rest: Uint8Array[]): Uint8Array =>
  concatBytes([written((writer) => writer.i32be(value)), ...rest])
