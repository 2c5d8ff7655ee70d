// A file in chunks, which goes on where it stopped: the receiver says how much it has, the sender sends the rest, and the
// hash of the whole decides. `{ put, bytes, sha256 }` → `{ have }`; then `{ at }` and a chunk, each answered by `{ have }`.
//   node file-transfer.js serve DIRECTORY PORT · node file-transfer.js send PORT FILE
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Connection, connect, headerText, type Message, type Server, serve } from '@cairn/petrichor'

const chunkBytes = 256 << 10
/** Chunks under way at once. */
const window = 8

/** Keeps files that come in under `directory`; an unfinished one is `NAME.HASH.part`. */
export function serveTransfers(directory: string, port = 0): Promise<Server> {
  return serve({
    port,
    async session(connection) {
      await mkdir(directory, { recursive: true })
      for await (const message of connection) await receiveFile(connection, directory, message)
    },
  })
}

async function receiveFile(connection: Connection, directory: string, { header }: Message): Promise<void> {
  const name = headerText(header, 'put') ?? ''
  const sha256 = headerText(header, 'sha256') ?? ''
  const bytes = Number(header.bytes)
  if (!/^[\w][\w.-]*$/.test(name) || !/^[0-9a-f]{64}$/.test(sha256) || !(bytes >= 0))
    return connection.send({ error: 'put, bytes and sha256, please' })
  const part = join(directory, `${name}.${sha256.slice(0, 16)}.part`)
  const file = await open(part, 'a+')
  try {
    let have = Math.min((await file.stat()).size, bytes)
    await file.truncate(have)
    await connection.send({ have })
    while (have < bytes) {
      const chunk = await connection.recv()
      if (chunk === null) return
      const { body } = chunk
      if (!(body instanceof Uint8Array) || chunk.header.at !== have || have + body.length > bytes)
        return await connection.send({ error: `the chunk at ${have} comes next` })
      await file.write(body)
      have += body.length
      await connection.send({ have })
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if ((await hashOf(part)) !== sha256) {
    await rm(part)
    return connection.send({ error: 'the hash differs; send it again' })
  }
  await rename(part, join(directory, name))
  await connection.send({ stored: true })
}

/** Sends a file, from where an earlier attempt has ended. Answers how many bytes it had to send. */
export async function sendFile(connection: Connection, path: string, name = basename(path)): Promise<number> {
  const { size: bytes } = await stat(path)
  const first = await answerOf(connection.request({ put: name, bytes, sha256: await hashOf(path) }))
  const from = Number(first.header.have)
  const file = await open(path)
  const answers: Promise<Message>[] = []
  try {
    for (let at = from; at < bytes; at += chunkBytes) {
      const chunk = new Uint8Array(Math.min(chunkBytes, bytes - at))
      await file.read(chunk, 0, chunk.length, at)
      const answer = answerOf(connection.request({ at }, chunk))
      // Looked at in turn below; until then it is no unhandled rejection.
      answer.catch(() => {})
      answers.push(answer)
      if (answers.length >= window) await answers.shift()
    }
    await Promise.all(answers)
  } finally {
    await file.close()
  }
  await answerOf(connection.recv())
  return bytes - from
}

async function answerOf(coming: Promise<Message | null>): Promise<Message> {
  const answer = await coming
  if (answer === null) throw new Error('the receiver has ended')
  if (answer.header.error !== undefined) throw new Error(`the receiver says: ${answer.header.error}`)
  return answer
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, first = '', second = ''] = process.argv.slice(2)
  if (command === 'serve') console.log('RUNNING', (await serveTransfers(first, Number(second))).address.port)
  else {
    const { conn } = await connect('127.0.0.1', Number(first), {})
    console.log(`${await sendFile(conn, second)} bytes sent`)
    await conn.close()
  }
}
