// npm's zeromq for the network rows: REQ/REP for requests, PUSH/PULL for streams; the header is msgpackr's in a frame of
// its own, as zeromq has no headers.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { header } from './header.mjs'

const cache = fileURLToPath(new URL('../../.cache/bench/petrichor/', import.meta.url))
const require = createRequire(join(cache, 'package.json'))
const { Pull, Push, Reply, Request } = require('zeromq')
const { pack, unpack } = require('msgpackr')

export async function server() {
  const reply = new Reply()
  await reply.bind('tcp://127.0.0.1:*')
  const pull = new Pull()
  await pull.bind('tcp://127.0.0.1:*')
  const done = new Push()
  await done.bind('tcp://127.0.0.1:*')
  ;(async () => {
    for await (const [head, body] of reply) await reply.send([pack(unpack(head)), body])
  })()
  ;(async () => {
    for await (const frames of pull) {
      if (frames.length === 1) {
        if (frames[0].length === 1) await done.send('x')
      } else if (unpack(frames[0]).last) await done.send('x')
    }
  })()
  return [reply, pull, done].map((one) => one.lastEndpoint).join('|')
}

export function client() {
  const sockets = {}
  const connected = (Kind, name, endpoint) => {
    if (!sockets[name]) {
      sockets[name] = new Kind()
      sockets[name].connect(endpoint)
    }
    return sockets[name]
  }
  return {
    async request(count, inFlight, bodyBytes, endpoints) {
      if (inFlight !== 1) throw new Error('REQ sends one at a time')
      const request = connected(Request, 'request', endpoints.split('|')[0])
      const body = Buffer.alloc(bodyBytes, 120)
      for (let i = 0; i < count; i++) {
        await request.send([pack(header), body])
        const [head, answer] = await request.receive()
        unpack(head)
        if (answer.length !== bodyBytes) throw new Error('a wrong answer')
      }
      return count
    },
    async stream(count, bodyBytes, endpoints) {
      const [, pullAt, doneAt] = endpoints.split('|')
      const push = connected(Push, 'push', pullAt)
      const done = connected(Pull, 'done', doneAt)
      const body = Buffer.alloc(bodyBytes, 120)
      for (let i = 1; i < count; i++) await push.send([pack(header), body])
      await push.send([pack({ ...header, last: true }), body])
      await done.receive()
      return count
    },
    /** Bodies alone, without any header: less than what the others do. */
    async bare(count, bodyBytes, endpoints) {
      const [, pullAt, doneAt] = endpoints.split('|')
      const push = connected(Push, 'push', pullAt)
      const done = connected(Pull, 'done', doneAt)
      const body = Buffer.alloc(bodyBytes, 120)
      for (let i = 1; i < count; i++) await push.send(body)
      await push.send('x')
      await done.receive()
      return count
    },
  }
}
