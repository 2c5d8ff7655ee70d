// GET and PUT of files, as HTTP has them: the request line and the header lines are one dict, the body is the body.
//   node http-like.js serve ROOT PORT · node http-like.js get PORT PATH · node http-like.js put PORT PATH < FILE
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import {
  type Connection,
  connect,
  headerText,
  type Message,
  type Reply,
  type Server,
  serve,
} from '@cairn/petrichor'

/** Serves the files under `root`: `{ method: 'GET' | 'PUT', path }` → `{ status, reason }` and a body. */
export function serveFiles(root: string, port = 0): Promise<Server> {
  return serve({ port, handle: (message) => answer(root, message) })
}

async function answer(root: string, { header, body }: Message): Promise<Reply> {
  const path = fileUnder(root, headerText(header, 'path') ?? '')
  if (path === undefined) return status(400, 'a path begins with / and stays below it')
  try {
    switch (headerText(header, 'method')) {
      case 'GET':
        return { header: { status: 200 }, body: await readFile(path) }
      case 'PUT':
        if (!(body instanceof Uint8Array)) return status(400, 'a file is bytes')
        await mkdir(dirname(path), { recursive: true })
        return await store(path, body)
      default:
        return status(405, 'GET or PUT')
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? status(404, 'no such file') : status(500, code ?? 'failed')
  }
}

/** Nobody ever gets half a file, nor halves of two that come at once. */
async function store(path: string, body: Uint8Array): Promise<Reply> {
  const part = `${path}.${randomUUID()}.part`
  try {
    await writeFile(part, body)
    await rename(part, path)
    return status(201, 'stored')
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

const status = (code: number, reason: string): Reply => ({ header: { status: code, reason } })

function fileUnder(root: string, path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('\0') || path.split('/').includes('..')) return undefined
  return join(root, normalize(path))
}

export async function get(connection: Connection, path: string): Promise<Uint8Array> {
  const answer = await connection.request({ method: 'GET', path })
  return expect(answer, 200).body as Uint8Array
}

export async function put(connection: Connection, path: string, bytes: Uint8Array): Promise<void> {
  expect(await connection.request({ method: 'PUT', path }, bytes), 201)
}

function expect(answer: Message | null, code: number): Message {
  if (answer === null) throw new Error('the server has ended')
  if (answer.header.status !== code) throw new Error(`${answer.header.status} ${answer.header.reason}`)
  return answer
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, first = '', second = ''] = process.argv.slice(2)
  if (command === 'serve') console.log('RUNNING', (await serveFiles(first, Number(second))).address)
  else {
    const { conn } = await connect('127.0.0.1', Number(first), { user: 'sample' })
    if (command === 'get') process.stdout.write(await get(conn, second))
    else await put(conn, second, await buffer(process.stdin))
    await conn.close()
  }
}
