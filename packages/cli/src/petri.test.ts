import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CapturedOutput } from './io/output.ts'
import { main } from './main.ts'

const cwd = await mkdtemp(join(tmpdir(), 'cairn-petri-'))
after(() => rm(cwd, { recursive: true, force: true }))

interface Run {
  readonly stdout: CapturedOutput
  readonly stderr: CapturedOutput
  readonly code: Promise<number>
  abort(): void
}

function start(words: readonly string[], stdin: string | Uint8Array = ''): Run {
  const stdout = new CapturedOutput()
  const stderr = new CapturedOutput()
  const controller = new AbortController()
  const io = {
    stdin: () => Readable.from([Buffer.from(stdin as string, 'latin1')]),
    stdout,
    stderr,
    env: {},
    cwd,
  }
  const code = main(['petri', ...words], io, controller.signal)
  return { stdout, stderr, code, abort: () => controller.abort(new Error('ended')) }
}

async function run(words: readonly string[], stdin: string | Uint8Array = '') {
  const { stdout, stderr, code } = start(words, stdin)
  return { code: await code, stdout: stdout.text, stderr: stderr.text }
}

test('petri dump --json: one value a line, exact numbers, hexadecimal for what is no text', async () => {
  const values =
    '5:hello,2:\xff\x00,0:~4:true!5:12345#20:18446744073709551615#3:1.0^3:2.5^16:1:a,1:1#1:b,1:c,}3:0:]]'
  assert.deepEqual(await run(['dump', '--json'], values), {
    code: 0,
    stdout:
      '"hello"\n{"$hex":"ff00"}\nnull\ntrue\n12345\n18446744073709551615\n1.0\n2.5\n{"a":1,"b":"c"}\n[[]]\n',
    stderr: '',
  })
})

test('petri dump: a tree', async () => {
  await writeFile(join(cwd, 'values.bin'), '35:4:user,3:zed,4:list,11:1:1#0:~1:\xff,]}5:hello,', 'latin1')
  const { stdout, code, stderr } = await run(['dump', 'values.bin'])
  assert.equal(stderr, '')
  assert.equal(
    stdout,
    'dict of 2\n  "user": "zed"\n  "list": list of 3\n    - 1\n    - null\n    - bytes ff\n"hello"\n',
  )
  assert.equal(code, 0)
})

test('petri dump: values before the first wrong byte, then its offset and exit code 1', async () => {
  assert.deepEqual(await run(['dump'], '1:5#05:hello,'), {
    code: 1,
    stdout: '5\n',
    stderr:
      "cairn petri: byte 5: cannot read a size: found another character, a leading zero or more than 9 digits; SIZE is 0 or [1-9][0-9]* and ends with ':'\n",
  })
  const json = await run(['dump', '--json'], '1:5#1:a;')
  assert.deepEqual([json.code, json.stdout], [1, '5\n'])
  assert.deepEqual(JSON.parse(json.stderr), {
    error: 'cannot read a value: the type is none of , # ^ ! ~ } ]',
    code: 'ERR_TNS_TYPE',
    offset: 7,
  })
  assert.match((await run(['dump'], '5:hel')).stderr, /byte 5: .*ends within it/)
  assert.equal((await run(['dump'], '3:007#')).stdout, '7\n')
  assert.match((await run(['dump', '--strict'], '3:007#')).stderr, /byte 2: /)
  assert.match((await run(['dump', '--max', '4'], '5:hello,')).stderr, /byte 0: .*at most 4/)
  assert.equal((await run(['dump', 'no-such-file'])).code, 1)
  assert.equal((await run(['dump'])).code, 0)
})

test('petri serve, connect and probe', async () => {
  const server = start(['serve', '--json', '0'])
  while (!server.stdout.text.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5))
  const { host, port } = JSON.parse(server.stdout.text.split('\n')[0]!) as { host: string; port: number }
  const address = `${host}:${port}`
  const talked = await run(
    ['connect', '--header', '{"user":"zed"}', address],
    'hello\n{"k":1} with a header\n',
  )
  assert.deepEqual(talked, {
    code: 0,
    stderr: '',
    stdout:
      'allowed\n  header: dict of 1\n    "allowed": true\n  body: "WELCOME"\n' +
      'answer\n  header: dict of 0\n  body: "hello"\nanswer\n  header: dict of 0\n  body: "with a header"\n',
  })
  const probed = JSON.parse((await run(['probe', '--json', address])).stdout) as Record<string, unknown>
  assert.equal(probed.allowed, 'yes')
  assert.ok((probed.helpers as string[]).includes('gzip'))
  assert.match(
    (await run(['probe', address])).stdout,
    /^speaks Petrichor, answered in [\d.]+ ms\nallowed: yes\n/,
  )
  server.abort()
  assert.equal(await server.code, 0)
  assert.ok(server.stdout.text.includes('{"event":"message","header":{"k":1},"body":"with a header"}'))
})

test('petri connect: what JSON is in front of a line, and what only looks like it', async () => {
  const server = start(['serve', '--json', '0'])
  while (!server.stdout.text.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5))
  const { port } = JSON.parse(server.stdout.text.split('\n')[0]!) as { port: number }
  const talked = await run(['connect', String(port)], '{"a":{"b":"}"}} nested\n{no json} at all\n{"c":2}\n')
  assert.equal(talked.code, 0, talked.stderr)
  server.abort()
  await server.code
  const messages = server.stdout.text.split('\n').filter((line) => line.includes('"message"'))
  assert.deepEqual(messages, [
    '{"event":"message","header":{"a":{"b":"}"}},"body":"nested"}',
    '{"event":"message","header":{},"body":"{no json} at all"}',
    '{"event":"message","header":{"c":2},"body":""}',
  ])
})

test('petri serve --ca lets in only who shows a certificate', async () => {
  const file = (name: string) =>
    fileURLToPath(new URL(`../../petrichor-helpers/test-data/${name}`, import.meta.url))
  const ca = ['--ca', file('ca.crt')]
  const own = ['--cert', file('server.crt'), '--key', file('server.key')]
  const server = start(['serve', '--json', ...own, ...ca, '0'])
  while (!server.stdout.text.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5))
  const { port } = JSON.parse(server.stdout.text.split('\n')[0]!) as { port: number }
  const shown = ['--cert', file('client.crt'), '--key', file('client.key')]
  assert.equal((await run(['probe', '--tls', ...ca, ...shown, String(port)])).code, 0)
  assert.equal((await run(['probe', '--tls', ...ca, String(port)])).code, 1)
  server.abort()
  await server.code
})

test('petri connect and probe tell of a denial, and of what is no Petrichor', async () => {
  const server = start(['serve', '--deny', 'NOT TODAY', '127.0.0.1:0'])
  while (!server.stdout.text.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5))
  const address = server.stdout.text.trim().split(' ')[1]!
  const denied = await run(['connect', address], 'x\n')
  assert.equal(denied.code, 1)
  assert.match(denied.stdout, /^denied\n.*\n.*"allowed": false\n {2}body: "NOT TODAY"\n$/)
  assert.match((await run(['probe', address])).stdout, /allowed: no/)
  server.abort()
  await server.code
  const other = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH\r\n'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const { code, stderr } = await run(['probe', String(port)])
  assert.equal(code, 1)
  assert.match(stderr, /cannot read a size.*at byte 0/)
  other.close()
  for (const words of [
    [],
    ['fly'],
    ['serve'],
    ['connect', 'nowhere'],
    ['dump', 'a', 'b'],
    ['probe', '--header', '[]', '1'],
  ])
    assert.equal((await run(words)).code, 2, words.join(' '))
})

test('petri connect says that nothing listens, and what to look at', async () => {
  const { code, stderr } = await run(['connect', '127.0.0.1:1'])
  assert.equal(code, 1)
  assert.match(stderr, /connect to 127\.0\.0\.1:1: connection refused; nothing listens there/)
})
