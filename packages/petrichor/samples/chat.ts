// A chat hub: peers join rooms and what one says goes to all others in the room. A peer that does not read is dropped by
// the hub's deadline, and nobody waits for it.
//   node chat.js serve PORT · node chat.js join PORT NAME ROOM
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bodyText, type Connection, connect, headerText, type Server, serve } from '@cairn/petrichor'

/** Lines that may wait for one peer; one who is that far behind has left the talk. */
const bytesBehindMax = 1 << 20

/** `{ room, join: true }`, `{ room }` and a text, `{ room, leave: true }`; everyone in the room gets `{ room, from }` and it. */
export function serveChat(port = 0): Promise<Server> {
  const rooms = new Map<string, Set<Connection>>()
  const nameOf = new WeakMap<Connection, string>()

  const leave = (room: string, connection: Connection) => {
    const peers = rooms.get(room)
    if (!peers?.delete(connection)) return
    if (peers.size === 0) rooms.delete(room)
    say(room, connection, `${nameOf.get(connection)} has left`)
  }
  const say = (room: string, from: Connection | undefined, text: string) => {
    for (const peer of rooms.get(room) ?? []) {
      if (peer === from) continue
      if (peer.bufferedBytes > bytesBehindMax) peer.destroy(new Error('it does not read'))
      else peer.send({ room, from: from && nameOf.get(from) }, text).catch(() => {})
    }
  }

  return serve({
    port,
    accept: ({ header }) => {
      const user = headerText(header, 'user')
      return user !== undefined && user !== '' ? true : { allowed: false, body: 'who are you?' }
    },
    async session(connection, { header }) {
      nameOf.set(connection, headerText(header, 'user')!)
      const joined = new Set<string>()
      try {
        for await (const message of connection) {
          const room = headerText(message.header, 'room') ?? ''
          if (message.header.join === true && joined.size < 100) {
            joined.add(room)
            rooms.set(room, (rooms.get(room) ?? new Set()).add(connection))
            say(room, connection, `${nameOf.get(connection)} has come`)
          } else if (message.header.leave === true) {
            joined.delete(room)
            leave(room, connection)
          } else if (joined.has(room)) say(room, connection, bodyText(message.body) ?? '')
        }
      } finally {
        for (const room of joined) leave(room, connection)
      }
    },
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, port, user = '', room = ''] = process.argv.slice(2)
  if (command === 'serve') console.log('RUNNING', (await serveChat(Number(port))).address.port)
  else {
    const { conn } = await connect('127.0.0.1', Number(port), { user })
    await conn.send({ room, join: true })
    createInterface({ input: process.stdin })
      .on('line', (line) => conn.send({ room }, line))
      .on('close', () => conn.close())
    for await (const { header, body } of conn) console.log(`${header.from}: ${bodyText(body)}`)
  }
}
