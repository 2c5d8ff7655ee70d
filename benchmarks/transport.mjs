// What the transport's two habits are worth: reads that land in place (onread) against 'data' events, and writes
// gathered per turn against one write per message. Figures of decision 0005.
//
//   node benchmarks/transport.mjs [--rounds 5] [--mib 1024]
//
// The other end is a process of its own; CPU is this process's.
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ReceiveBuffer } from '@cairn/bytes'
import { connectTcp } from '@cairn/transport'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    mib: { type: 'string', default: '1024' },
    peer: { type: 'string' },
  },
})
const mib = 1024 * 1024
const messageBytes = 124
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

/** `source` sends as much as it is asked for; `echo` sends back what it gets. */
function peer(kind) {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    if (kind === 'echo') socket.on('data', (chunk) => socket.write(chunk))
    else socket.once('data', (wish) => send(socket, wish.readUInt32BE(0) * mib))
  })
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
}

function send(socket, rest) {
  const chunk = Buffer.alloc(mib)
  const more = () => {
    while (rest > 0) {
      rest -= chunk.length
      if (!socket.write(chunk)) break
    }
    if (rest > 0) socket.once('drain', more)
    else socket.end()
  }
  more()
}

async function startPeer(kind) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--peer', kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise((resolve) => child.stdout.once('data', (line) => resolve(Number(line))))
  return { child, port }
}

async function timed(run) {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const units = await run()
  const used = process.cpuUsage(cpu)
  return {
    perSecond: units / ((performance.now() - started) / 1000),
    cpuUs: (used.user + used.system) / units,
  }
}

const wish = () => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(Number(values.mib))
  return bytes
}

async function readInPlace(port, readBytes) {
  const connection = await connectTcp({ host: '127.0.0.1', port, readBytes })
  const input = new ReceiveBuffer({ initialBytes: readBytes, maxBytes: 4 * mib })
  let received = 0
  connection.write(wish())
  connection.start({
    input,
    onReceive: () => {
      received += input.length
      input.consume(input.length)
    },
    onClose: () => {},
  })
  await connection.done
  return received / mib
}

async function readEvents(port) {
  const socket = connect(port, '127.0.0.1')
  const input = new ReceiveBuffer({ maxBytes: 4 * mib })
  let received = 0
  socket.write(wish())
  socket.on('data', (chunk) => {
    // A decoder needs contiguous bytes, so the chunk has to be copied behind what is left of the last one.
    input.push(chunk)
    received += input.length
    input.consume(input.length)
  })
  await new Promise((resolve) => socket.on('close', resolve))
  return received / mib
}

/** Keeps `inFlight` messages on the way; `write` sends one, `onBytes` is told how many bytes came back. */
function pingPong(total, inFlight, write) {
  let asked = 0
  let unread = 0
  let answered = 0
  let done
  const finished = new Promise((resolve) => {
    done = resolve
  })
  const message = Buffer.alloc(messageBytes)
  const ask = () => {
    asked++
    write(message)
  }
  const onBytes = (count) => {
    unread += count
    while (unread >= messageBytes) {
      unread -= messageBytes
      answered++
      if (asked < total) ask()
    }
    if (answered === total) done()
  }
  return { start: () => Array.from({ length: inFlight }, ask), onBytes, finished }
}

async function pingGathered(port, total, inFlight) {
  const connection = await connectTcp({ host: '127.0.0.1', port })
  const game = pingPong(total, inFlight, (message) => connection.write(message))
  const input = new ReceiveBuffer({ maxBytes: mib })
  connection.start({
    input,
    onReceive: () => {
      const { length } = input
      input.consume(length)
      game.onBytes(length)
    },
    onClose: () => {},
  })
  game.start()
  await game.finished
  connection.destroy()
  return total
}

async function pingEach(port, total, inFlight) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const game = pingPong(total, inFlight, (message) => socket.write(message))
  socket.on('data', (chunk) => game.onBytes(chunk.length))
  game.start()
  await game.finished
  socket.destroy()
  return total
}

async function table(title, unit, rows) {
  console.log(title)
  const results = rows.map(() => [])
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, [, run]] of rows.entries()) results[index].push(await timed(run))
  }
  for (const [index, [name]] of rows.entries()) {
    const speeds = results[index].map((r) => r.perSecond)
    const cpu = median(results[index].map((r) => r.cpuUs))
    console.log(
      `  ${name.padEnd(28)} ${Math.round(median(speeds))} ${unit}/s [${Math.round(Math.max(...speeds))}]  CPU ${cpu.toFixed(1)} us/${unit}`,
    )
  }
}

async function bench() {
  const source = await startPeer('source')
  await table(`receive ${values.mib} MiB`, 'MiB', [
    ["'data' events, copied", () => readEvents(source.port)],
    ['in place, 64 KiB reads', () => readInPlace(source.port, 64 * 1024)],
    ['in place, 256 KiB reads', () => readInPlace(source.port, 256 * 1024)],
    ['in place, 1 MiB reads', () => readInPlace(source.port, mib)],
  ])
  source.child.kill()
  const echo = await startPeer('echo')
  for (const [inFlight, total] of [
    [1, 10_000],
    [32, 100_000],
    [256, 200_000],
  ]) {
    await table(`${messageBytes} B ping-pong, ${inFlight} in flight`, 'message', [
      ['one write per message', () => pingEach(echo.port, total, inFlight)],
      ['gathered per turn', () => pingGathered(echo.port, total, inFlight)],
    ])
  }
  echo.child.kill()
}

await (values.peer === undefined ? bench() : peer(values.peer))
