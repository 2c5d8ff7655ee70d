// Petrichor for the network rows.
import { connect, serve } from '@cairn/petrichor'
import { header } from './header.mjs'

export async function server() {
  const one = await serve({
    handle(message) {
      if (message.header.last === undefined && message.header.oneway === undefined) return message
      return message.header.last === undefined ? undefined : message
    },
  })
  return one.address.port
}

export function client() {
  let conn
  const connected = async (port) => {
    conn ??= (await connect('127.0.0.1', port, {}, '', { correlate: true })).conn
    return conn
  }
  return {
    async request(count, inFlight, bodyBytes, port) {
      const connection = await connected(port)
      const body = new Uint8Array(bodyBytes).fill(120)
      let left = count
      const worker = async () => {
        while (left-- > 0) {
          const answer = await connection.request(header, body)
          if (answer.body.length !== bodyBytes) throw new Error('a wrong answer')
        }
      }
      await Promise.all(Array.from({ length: inFlight }, worker))
      return count
    },
    async stream(count, bodyBytes, port) {
      const connection = await connected(port)
      const body = new Uint8Array(bodyBytes).fill(120)
      const first = { ...header, urgent: undefined, oneway: true }
      for (let i = 1; i < count; i++) {
        const ready = connection.send(first, body)
        if (connection.isCongested) await ready
      }
      await connection.request({ ...header, last: true }, body)
      return count
    },
  }
}
