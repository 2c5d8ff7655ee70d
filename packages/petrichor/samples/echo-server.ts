// The seed's echo server, line by line: node echo-server.js HOST PORT
import { randomUUID } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import * as petrichor from '@cairn/petrichor'

const IDENT = randomUUID().replaceAll('-', '')
const VERSION = '0.1'

async function handle(conn: Socket) {
  const first = await petrichor.accept(conn)
  if (first === null) return
  const ident = first.header

  // at this point you'd do some kind of auth, we just fake it
  const reply = { ident: IDENT, version: VERSION }
  await petrichor.peer_allowed(conn, reply, 'WELCOME')

  let message: petrichor.Message | null = first
  while (message !== null) {
    // just keep looping until you get a null which is returned on close
    message = await petrichor.recv(conn)
    console.log('RECEIVED', ident.user, ident.ident, message?.header, petrichor.bodyText(message?.body))

    if (message !== null) await petrichor.send(conn, {}, message.body)
  }

  console.log('ALL DONE')
}

const [HOST, PORT] = [process.argv[2]!, Number(process.argv[3])]
const server = createServer((conn) => {
  // a bad peer costs its own connection: what it did is told, and the others never notice
  handle(conn)
    .catch((error: Error) => console.log('BAD PEER', error.message))
    .finally(() => petrichor.connectionOf(conn).close())
})
server.listen(PORT, HOST, () => {
  const { port } = server.address() as { port: number }
  console.log('RUNNING', HOST, port)
})
