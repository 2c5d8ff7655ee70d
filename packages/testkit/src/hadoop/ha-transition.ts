// Just enough of Hadoop's RPC to tell a NameNode of a pair which role it has: `hdfs haadmin -transitionToActive` takes
// seconds for its JVM. Written by hand, because the packages that speak RPC are tested with this one.
import { connect } from 'node:net'

const protocol = 'org.apache.hadoop.ha.HAServiceProtocol'
/** HARequestSource.REQUEST_BY_USER_FORCED */
const forcedByUser = 1

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)])

function bytes(field: number, value: Uint8Array | string): Buffer {
  const content = Buffer.from(value)
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content])
}

function frame(...messages: Buffer[]): Buffer {
  const body = Buffer.concat(messages.flatMap((message) => [varint(message.length), message]))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** RpcRequestHeaderProto: kind, operation, call id (zig-zag), client id. */
function header(callId: number): Buffer {
  return Buffer.concat([number(1, 2), number(2, 0), number(3, callId), bytes(4, Buffer.alloc(16, 7))])
}

/** Has a NameNode become active or standby; rejects with what it answers when it does not. */
export function transition(port: number, user: string, to: 'Active' | 'Standby'): Promise<void> {
  const context = Buffer.concat([bytes(2, bytes(1, user)), bytes(3, protocol)])
  const method = Buffer.concat([bytes(1, `transitionTo${to}`), bytes(2, protocol), number(3, 1)])
  const request = bytes(1, number(1, forcedByUser))
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer: Buffer = Buffer.alloc(0)
    socket.setTimeout(60_000, () => socket.destroy(new Error('no answer for 60 s')))
    socket.once('error', (error) => reject(new Error(`transition to ${to} at ${port}: ${error.message}`)))
    socket.once('close', () => reject(new Error(`transition to ${to} at ${port}: no answer`)))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length < 4 || answer.length < 4 + answer.readUInt32BE(0)) return
      socket.destroy()
      // RpcResponseHeaderProto begins with the call id; its status follows: 0 is SUCCESS.
      const status = answer.indexOf(Buffer.from([0x10]), 5)
      if (answer[status + 1] === 0) resolve()
      else reject(new Error(`transition to ${to} at ${port}: ${answer.toString('latin1').slice(0, 500)}`))
    })
    const preamble = Buffer.from([0x68, 0x72, 0x70, 0x63, 9, 0, 0])
    socket.write(Buffer.concat([preamble, frame(header(5), context), frame(header(0), method, request)]))
  })
}
