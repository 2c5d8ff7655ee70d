// A server under a flood of garbage, and a good peer that is served all along.
//   node tools/petrichor-flood.mjs [--seconds 60] [--floods 8]
// Prints how many requests the good peer had answered, its slowest answer, how many bad connections came, and the
// server's memory; ends with 1 where the good peer waited too long or memory grew beyond its budget.
import { fork } from 'node:child_process'
import { connect as connectTcp } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(import.meta.url)
const flag = (name, otherwise) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const slowestMsMax = 5000
const memoryMiBMax = 256

/** Serves; answers `memory` with its resident and its largest size in MiB. */
async function serverProcess() {
  const { serve } = await import('@cairn/petrichor')
  let bad = 0
  const server = await serve({
    limits: { handshakeMs: 2000, messageMs: 2000, writeMs: 2000 },
    connectionsMax: 2000,
    handle: ({ body }) => ({ body }),
    onConnectionError: () => bad++,
  })
  let most = 0
  setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 20)
  process.on('message', () => process.send({ mostMiB: Math.round(most / (1 << 20)), bad }))
  process.send({ port: server.address.port })
}

const noise = (length) => {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = Math.random() * 256
  return bytes
}
const hello = Buffer.from('0:}0:,')
/** What bad peers send. */
const kinds = [
  () => noise(1 + Math.random() * 4000),
  () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  () => Buffer.from('999999999:'),
  () => Buffer.concat([hello, Buffer.from('999999999:')]),
  () => Buffer.concat([hello, noise(3000)]),
  () => Buffer.concat([hello, Buffer.from('5:hello,0:,')]),
  () => Buffer.concat([hello, Buffer.from('0:}16000000:'), Buffer.alloc(200_000)]),
  () => Buffer.concat([hello, Buffer.from(`0:}60000:${'0:]'.repeat(20_000)}]`)]),
  () => hello.subarray(0, 3),
]

/** Sends garbage over connection after connection. */
function floodProcess(port) {
  const again = () => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      socket.write(kinds[Math.floor(Math.random() * kinds.length)]())
      if (Math.random() < 0.5) socket.end()
    })
    socket.on('error', () => {}).resume()
    // Bad peers do not wait for the server to be done with them.
    const timer = setTimeout(() => socket.destroy(), Math.random() * 300)
    socket.once('close', () => {
      clearTimeout(timer)
      setImmediate(again)
    })
  }
  for (let i = 0; i < 50; i++) again()
}

const start = (...args) => fork(here, args, { cwd: dirname(here), stdio: 'inherit' })
const nextMessage = (child) => new Promise((resolve) => child.once('message', resolve))

async function main() {
  const seconds = flag('--seconds', 60)
  const server = start('server')
  const { port } = await nextMessage(server)
  const { connect } = await import('@cairn/petrichor')
  const { conn } = await connect('127.0.0.1', port, { user: 'good' })
  const floods = Array.from({ length: flag('--floods', 2) }, () => start('flood', String(port)))
  const end = performance.now() + seconds * 1000
  let answered = 0
  let slowestMs = 0
  try {
    while (performance.now() < end) {
      const from = performance.now()
      const answer = await conn.request({}, `request ${answered}`)
      if (Buffer.from(answer.body).toString() !== `request ${answered}`) throw new Error('a wrong answer')
      slowestMs = Math.max(slowestMs, performance.now() - from)
      answered++
    }
    server.send('memory')
    const { mostMiB, bad } = await nextMessage(server)
    console.log(
      `${seconds} s: ${answered} requests of the good peer answered, the slowest in ${slowestMs.toFixed(0)} ms; ` +
        `${bad} bad connections; at most ${mostMiB} MiB in the server`,
    )
    return bad > 0 && slowestMs < slowestMsMax && mostMiB < memoryMiBMax
  } finally {
    for (const child of [server, ...floods]) child.kill()
    conn.destroy()
  }
}

if (process.argv[2] === 'server') await serverProcess()
else if (process.argv[2] === 'flood') floodProcess(Number(process.argv[3]))
else process.exit((await main()) ? 0 : 1)
