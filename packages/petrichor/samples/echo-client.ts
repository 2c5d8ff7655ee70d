// The seed's echo client, line by line: node echo-client.js HOST PORT USER
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import * as petrichor from '@cairn/petrichor'

const VERSION = '0.1'
const [HOST, PORT, USER] = [process.argv[2]!, Number(process.argv[3]), process.argv[4]!]
const IDENT = { user: USER, ident: randomUUID().replaceAll('-', ''), version: VERSION }

const { conn, header, body } = await petrichor.connect(HOST, PORT, IDENT)

if (petrichor.connect_allowed(header)) {
  console.log('CONNECTED', petrichor.bodyText(body))
} else {
  console.log('YOU WERE DENIED', petrichor.bodyText(body))
  process.exit(1)
}

process.stdout.write('> ')
for await (const msg of createInterface({ input: process.stdin })) {
  const reply = await petrichor.request(conn, {}, msg)
  if (reply === null) break
  console.log(petrichor.bodyText(reply.body))
  process.stdout.write('> ')
}

await conn.close()
