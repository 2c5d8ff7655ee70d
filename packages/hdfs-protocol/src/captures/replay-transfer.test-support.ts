// A recorded data transfer connection of any version: every operation, answer, packet, acknowledgement and status is
// decoded and encoded again.
import assert from 'node:assert/strict'
import { ByteReader, ByteWriter, equalBytes, formatHex, ReceiveBuffer } from '@cairn/bytes'
import { DataTransferEncryptorMessageProto } from '@cairn/hadoop-proto'
import type { DataTransferVersion } from '../data-transfer/data-transfer-version.ts'
import { dataTransferVersionAt } from '../data-transfer/data-transfer-versions.ts'
import type { Operation } from '../data-transfer/operation.ts'
import type { Packet } from '../data-transfer/packet.ts'

/** What was found on a connection, to be counted. */
export interface ReplayedTransfer {
  readonly version: number
  readonly operations: readonly string[]
  readonly packets: number
}

const bufferOf = (bytes: Uint8Array): ReceiveBuffer => {
  const input = new ReceiveBuffer({ maxBytes: bytes.length + 1 })
  input.push(bytes)
  return input
}

/** The version of a connection that begins with an operation; undefined for RPC and for encrypted ones. */
export function transferVersion(sent: Uint8Array): DataTransferVersion | undefined {
  return sent.length > 2 && sent[0] === 0 ? dataTransferVersionAt(bufferOf(sent.subarray(0, 2))) : undefined
}

class Replay {
  readonly operations: string[] = []
  packets = 0
  readonly #version: DataTransferVersion
  readonly #sent: ReceiveBuffer
  readonly #got: ReceiveBuffer

  constructor(version: DataTransferVersion, sent: Uint8Array, got: Uint8Array) {
    this.#version = version
    this.#sent = bufferOf(sent)
    this.#got = bufferOf(got)
  }

  run(): void {
    const version = this.#version
    while (this.#sent.length > 0) {
      const operation = this.#both(
        this.#sent,
        (input) => version.takeOperation(input),
        ({ name, request }: Operation) => version.encodeOperation(name, request as never),
      )
      assert.ok(operation, 'an operation')
      this.operations.push(operation.name)
      this.#both(
        this.#got,
        (input) => version.takeResponse(operation.name, input),
        (response) => version.encodeResponse(operation.name, response),
      )
      if (operation.name === 'READ_BLOCK') this.#read()
      else if (operation.name === 'WRITE_BLOCK') this.#write()
      else if (operation.name === 'COPY_BLOCK') this.#takePackets(this.#got)
    }
    assert.equal(this.#sent.length, 0, 'bytes of the client that nothing was made of')
    assert.equal(this.#got.length, 0, 'bytes of the DataNode that nothing was made of')
  }

  /** A reader may hang up when it has what it wanted: then there is no status. */
  #read(): void {
    this.#takePackets(this.#got)
    if (this.#sent.length === 0) return
    const version = this.#version
    this.#both(
      this.#sent,
      (input) => version.takeReadStatus(input),
      (status) => version.encodeReadStatus(status),
    )
  }

  /** A writer that died left its last packets, and their acknowledgements, out. */
  #write(): void {
    this.#takePackets(this.#sent)
    const version = this.#version
    // Java's writers of version 17 say it twice when the last packet was acknowledged before they closed.
    if (version.packets.endMark.length > 0) version.packets.takeEndMark(this.#sent)
    const take = () =>
      this.#both(
        this.#got,
        (input) => version.takeAck(input),
        (ack) => version.encodeAck(ack),
      )
    while (this.#got.length > 0 && take() !== undefined);
  }

  #takePackets(input: ReceiveBuffer): void {
    const { packets } = this.#version
    for (let last = false; input.length > 0; ) {
      const before = input.view().slice()
      if (last || packets.endMark.length > 0) {
        if (packets.takeEndMark(input)) {
          assert.equal(
            formatHex(before.subarray(0, before.length - input.length)),
            formatHex(packets.endMark),
          )
          return
        }
        if (last) return
      }
      const packet = packets.take(input)
      if (packet === undefined) return
      const taken = before.subarray(0, before.length - input.length)
      assert.ok(equalBytes(this.#encoded(packet), taken), `packet ${packet.header.seqno}`)
      this.packets++
      last = packet.header.lastPacketInBlock
      if (last && packets.endMark.length === 0) return
    }
  }

  #encoded({ header, checksums, data }: Packet): Uint8Array {
    const { packets } = this.#version
    const head = packets.preambleBytes(header)
    const bytes = new Uint8Array(head + checksums.length + data.length)
    packets.writePreamble(bytes, head, header, checksums.length)
    bytes.set(checksums, head)
    bytes.set(data, head + checksums.length)
    return bytes
  }

  /** Takes something and encodes it again; undefined where it is cut. */
  #both<T>(
    input: ReceiveBuffer,
    take: (input: ReceiveBuffer) => T | undefined,
    encode: (value: T) => Uint8Array,
  ): T | undefined {
    const before = input.view().slice()
    const value = take(input)
    if (value === undefined) return undefined
    const taken = before.subarray(0, before.length - input.length)
    assert.equal(formatHex(encode(value)), formatHex(taken), `encode again ${typeof value}`)
    return value
  }
}

/** Decodes and encodes; throws where a byte is not what it was. */
export function replayTransfer(
  version: DataTransferVersion,
  { sent, got }: { readonly sent: Uint8Array; readonly got: Uint8Array },
): ReplayedTransfer {
  const replay = new Replay(version, sent, got)
  replay.run()
  return { version: version.version, operations: replay.operations, packets: replay.packets }
}

/** Whether a connection begins with the magic number of a login. */
export const isSecured = (sent: Uint8Array): boolean => formatHex(sent.subarray(0, 4)) === 'deadbeef'

/** Messages of each side of a login; what follows them is encrypted. */
const loginMessages = 2

/** Decodes and encodes the login in front of an encrypted connection. */
export function replayLogin({ sent, got }: { readonly sent: Uint8Array; readonly got: Uint8Array }): void {
  for (const [bytes, from] of [
    [sent, 4],
    [got, 0],
  ] as const) {
    const reader = new ByteReader(bytes, from)
    for (let count = 0; count < loginMessages; count++) {
      const start = reader.position
      const again = new ByteWriter()
      DataTransferEncryptorMessageProto.encodeDelimited(
        again,
        DataTransferEncryptorMessageProto.decodeDelimited(reader),
      )
      assert.ok(
        equalBytes(again.take(), bytes.subarray(start, reader.position)),
        `message ${count} of the login`,
      )
    }
  }
}
