import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bodyText, type Connection, connect } from '@cairn/petrichor'
import { serveChat } from './chat.ts'
import { sendFile, serveTransfers } from './file-transfer.ts'
import { get, put, serveFiles } from './http-like.ts'
import { call, codes, notify, RpcError, serveRpc } from './json-rpc.ts'
import { deliver, Relay } from './mail.ts'

const directory = await mkdtemp(join(tmpdir(), 'petrichor-samples-'))
const children: ChildProcess[] = []
after(async () => {
  for (const child of children) child.kill()
  await rm(directory, { recursive: true, force: true })
})
const join127 = async (port: number, header = {}) => (await connect('127.0.0.1', port, header)).conn

async function until(holds: () => boolean | Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it did not come to pass that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function start(name: string, ...args: string[]): { child: ChildProcess; lines: AsyncIterator<string> } {
  const program = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() }
}

test("the seed's client talks to the seed's server", async () => {
  const server = start('echo-server', '127.0.0.1', '0')
  const running = String((await server.lines.next()).value)
  assert.match(running, /^RUNNING 127.0.0.1 \d+$/)
  const client = start('echo-client', '127.0.0.1', running.split(' ')[2]!, 'zed')
  assert.equal((await client.lines.next()).value, 'CONNECTED WELCOME')
  client.child.stdin!.write('hello\n')
  assert.equal((await client.lines.next()).value, '> hello')
  assert.match(String((await server.lines.next()).value), /^RECEIVED zed [0-9a-f]{32} .* hello$/)
  const garbage = await connect('127.0.0.1', Number(running.split(' ')[2]), {})
  garbage.conn.stream.write('garbage')
  assert.match(String((await server.lines.next()).value), /^BAD PEER cannot read a size/)
  client.child.stdin!.end('still served\n')
  assert.equal((await client.lines.next()).value, '> still served')
  assert.equal(await new Promise((resolve) => client.child.once('exit', resolve)), 0)
})

test('HTTP-like: put and get, 404, and no way out of the root', async () => {
  await using server = await serveFiles(join(directory, 'www'))
  const conn = await join127(server.address.port)
  await put(conn, '/a/b.txt', Buffer.from('content'))
  assert.equal(Buffer.from(await get(conn, '/a/b.txt')).toString(), 'content')
  await assert.rejects(get(conn, '/nothing'), { message: '404 no such file' })
  for (const path of ['/../secret', 'a', '/a/../../x', '/a\0'])
    await assert.rejects(get(conn, path), { message: /^400/ })
  const odd = await conn.request({ method: 'BREW', path: '/a' })
  assert.equal(odd?.header.status, 405)
  const all = await Promise.all(Array.from({ length: 50 }, () => get(conn, '/a/b.txt')))
  assert.equal(all.length, 50)
  // Two who store the same at once: one of them is last, and nothing is mixed.
  const other = await join127(server.address.port)
  const texts = ['x', 'y'].map((letter) => Buffer.alloc(3_000_000, letter))
  for (let round = 0; round < 5; round++) {
    await Promise.all([put(conn, '/a/b.txt', texts[0]!), put(other, '/a/b.txt', texts[1]!)])
    const stored = Buffer.from(await get(conn, '/a/b.txt'))
    assert.ok(texts.some((text) => text.equals(stored)))
  }
  assert.deepEqual(await readdir(join(directory, 'www', 'a')), ['b.txt'])
  await other.close()
  await conn.close()
})

test('mail: stored when its relay is away, forwarded when it is back, and refused when it is no letter', async () => {
  const ports = new Map<string, number>()
  const portOf = (domain: string) => ports.get(domain)
  const here = new Relay('here', join(directory, 'here'), portOf)
  const there = new Relay('there', join(directory, 'there'), portOf)
  ports.set('here', await here.listen())
  assert.equal(await deliver(ports.get('here')!, { from: 'ada@here', to: 'bob@here', text: 'local' }), true)
  assert.deepEqual(await here.read('bob'), [{ from: 'ada@here', to: 'bob@here', text: 'local' }])
  assert.equal(await deliver(ports.get('here')!, { from: 'ada@here', to: 'eve@there', text: 'far' }), true)
  await here.forward()
  assert.deepEqual(await there.read('eve'), [])
  ports.set('there', await there.listen())
  await until(async () => (await there.read('eve')).length === 1, 'the letter has arrived')
  assert.equal((await there.read('eve'))[0]?.text, 'far')
  assert.equal(await deliver(ports.get('here')!, { from: 'x', to: '../../etc@here', text: 'y' }), false)
  await here.close()
  await there.close()
})

test('chat: what one says all others in the room hear, and who leaves is told', async () => {
  await using server = await serveChat()
  const { port } = server.address
  const heard = async (conn: Connection) => {
    const message = await conn.recv()
    return `${message?.header.from}: ${bodyText(message?.body)}`
  }
  const ada = await join127(port, { user: 'ada' })
  await ada.send({ room: 'tea', join: true })
  const bob = await join127(port, { user: 'bob' })
  await bob.send({ room: 'tea', join: true })
  assert.equal(await heard(ada), 'bob: bob has come')
  await bob.send({ room: 'coffee' }, 'not joined, so not heard')
  await bob.send({ room: 'tea' }, 'hello')
  assert.equal(await heard(ada), 'bob: hello')
  await ada.send({ room: 'tea' }, 'hello bob')
  assert.equal(await heard(bob), 'ada: hello bob')
  bob.destroy()
  assert.equal(await heard(ada), 'bob: bob has left')
  const { header } = await connect('127.0.0.1', port, {})
  assert.equal(header.allowed, false)
  await ada.close()
})

test('JSON-RPC: results, errors, notifications, many at once', async () => {
  const noted: unknown[] = []
  await using server = await serveRpc({
    add: ([a, b]: [number, number]) => a + b,
    late: async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      return ms
    },
    note: (what: unknown) => noted.push(what),
    fail: () => {
      throw new RpcError(1, 'on purpose')
    },
    bug: () => {
      throw new Error('secret detail')
    },
  })
  const { conn } = await connect('127.0.0.1', server.address.port, {}, '', { correlate: true })
  assert.equal(await call(conn, 'add', [1, 2]), 3)
  assert.deepEqual(await Promise.all([30, 20, 10].map((ms) => call(conn, 'late', ms))), [30, 20, 10])
  await assert.rejects(call(conn, 'toString'), { code: codes.method })
  await assert.rejects(call(conn, 'fail'), { code: 1, message: 'on purpose' })
  await assert.rejects(call(conn, 'bug'), { code: codes.internal, message: 'internal error' })
  await notify(conn, 'note', 'seen')
  await notify(conn, 'fail')
  assert.equal(await call(conn, 'add', [2, 3]), 5)
  assert.deepEqual(noted, ['seen'])
  const broken = await conn.request({ method: 'add' }, '{')
  assert.equal(broken?.header.error, codes.parse)
  await conn.close()
})

test('file transfer: in chunks, goes on where it stopped, and a wrong hash is told', async () => {
  const received = join(directory, 'received')
  await using server = await serveTransfers(received)
  const { port } = server.address
  const path = join(directory, 'large.bin')
  const bytes = Buffer.alloc(5_000_000)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 31 + (i >> 8)) & 255
  await writeFile(path, bytes)
  const first = await join127(port)
  const failing = sendFile(first, path)
  failing.catch(() => {})
  await until(
    () =>
      first.stream.destroyed ||
      (first.stream as unknown as { bytesWritten: number }).bytesWritten > 1_500_000,
    'a part is under way',
  )
  first.destroy(new Error('the line is cut'))
  await assert.rejects(failing)
  await until(() => server.connections.size === 0, 'the receiver has noticed')
  const second = await join127(port)
  const sent = await sendFile(second, path)
  assert.ok(sent < bytes.length, `${sent} bytes the second time`)
  assert.deepEqual(await readFile(join(received, 'large.bin')), bytes)
  await sendFile(second, path, 'again.bin')
  const lie = await second.request({ put: 'lie.bin', bytes: 3, sha256: '0'.repeat(64) })
  assert.equal(lie?.header.have, 0)
  await second.request({ at: 0 }, Buffer.from('abc'))
  assert.match(String((await second.recv())?.header.error), /hash differs/)
  const bad = await second.request({ put: '../x', bytes: 3, sha256: '0'.repeat(64) })
  assert.match(String(bad?.header.error), /please/)
  await second.close()
})
