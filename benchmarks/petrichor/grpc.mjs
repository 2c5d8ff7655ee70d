// @grpc/grpc-js for the network rows: unary calls, and a stream from the client; the header is metadata.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { header } from './header.mjs'

const cache = fileURLToPath(new URL('../../.cache/bench/petrichor/', import.meta.url))
const require = createRequire(join(cache, 'package.json'))
const grpc = require('@grpc/grpc-js')

const same = (bytes) => bytes
const shape = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
}
const service = {
  request: { path: '/bench/request', requestStream: false, responseStream: false, ...shape },
  stream: { path: '/bench/stream', requestStream: true, responseStream: false, ...shape },
}
const metadata = () => {
  const data = new grpc.Metadata()
  for (const [key, value] of Object.entries(header)) data.set(key, String(value))
  return data
}

export async function server() {
  const one = new grpc.Server({ 'grpc.max_receive_message_length': 1 << 26 })
  one.addService(service, {
    request: (call, answer) => answer(null, call.request),
    stream(call, answer) {
      call.on('data', () => {})
      call.on('end', () => answer(null, Buffer.from('x')))
    },
  })
  return new Promise((resolve, reject) => {
    one.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
}

export function client() {
  let stub
  const Client = grpc.makeClientConstructor(service, 'bench')
  const connected = (port) => {
    stub ??= new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
    return stub
  }
  return {
    async request(count, inFlight, bodyBytes, port) {
      const connection = connected(port)
      const body = Buffer.alloc(bodyBytes, 120)
      let left = count
      const once = () =>
        new Promise((resolve, reject) => {
          connection.request(body, metadata(), (error, answer) => (error ? reject(error) : resolve(answer)))
        })
      const worker = async () => {
        while (left-- > 0) if ((await once()).length !== bodyBytes) throw new Error('a wrong answer')
      }
      await Promise.all(Array.from({ length: inFlight }, worker))
      return count
    },
    async stream(count, bodyBytes, port) {
      const body = Buffer.alloc(bodyBytes, 120)
      await new Promise((resolve, reject) => {
        const call = connected(port).stream(metadata(), (error) => (error ? reject(error) : resolve()))
        let sent = 0
        const more = () => {
          while (sent < count) {
            sent++
            if (!call.write(body)) {
              call.once('drain', more)
              return
            }
          }
          call.end()
        }
        more()
      })
      return count
    },
  }
}
