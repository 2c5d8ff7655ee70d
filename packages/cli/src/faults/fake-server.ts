import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** What a server that is no NameNode does with a connection. */
export interface FakeBehaviour {
  /** Sent as soon as somebody connects. */
  readonly banner?: Uint8Array
  /** Sent when the first bytes have come. */
  readonly answer?: Uint8Array
  /** Closes after that. Default false. */
  readonly ends?: boolean
}

/** Something that listens on a port and behaves as told. */
export class FakeServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(behaviour: FakeBehaviour) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      if (behaviour.banner) socket.write(behaviour.banner)
      socket.once('data', () => {
        if (behaviour.answer) socket.write(behaviour.answer)
        if (behaviour.ends) socket.end()
      })
    })
  }

  static async listen(behaviour: FakeBehaviour): Promise<FakeServer> {
    const fake = new FakeServer(behaviour)
    fake.#server.listen(0, '127.0.0.1')
    await once(fake.#server, 'listening')
    return fake
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** An answer of RPC version 9 to the first call of a connection: ERROR with an exception. */
export function rpcError(javaClass: string, message: string, callId = 0): Uint8Array {
  const text = (tag: number, value: string) => {
    const bytes = Buffer.from(value)
    return Buffer.concat([Buffer.from([tag]), varint(bytes.length), bytes])
  }
  // RpcResponseHeaderProto: callId, status ERROR, serverIpcVersionNum 9, exceptionClassName, errorMsg, errorDetail 1.
  const header = Buffer.concat([
    Buffer.from([0x08, callId, 0x10, 0x01, 0x18, 0x09]),
    text(0x22, javaClass),
    text(0x2a, message),
    Buffer.from([0x30, 0x01, 0x3a, 0x00, 0x40, 0x00]),
  ])
  const body = Buffer.concat([varint(header.length), header])
  const frame = Buffer.alloc(4)
  frame.writeInt32BE(body.length)
  return Buffer.concat([frame, body])
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >> 7])
}

/** What servers with another RPC version answer: class and text without a frame (Hadoop 2.0.0-alpha and before). */
export function oldVersionMismatch(message: string): Uint8Array {
  const text = (value: string) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(value.length)
    return Buffer.concat([length, Buffer.from(value)])
  }
  return Buffer.concat([
    Buffer.alloc(8, 0xff),
    text('org.apache.hadoop.ipc.RPC$VersionMismatch'),
    text(message),
  ])
}
