// `npm start`: builds, starts an embedded cluster, puts a real file of some MiB in, reads it back, compares digests, and
// stays up until Ctrl-C.
//   npm start [-- [--once] [FILE]]        --once: ends after the round trip; exit code 0 only when the digests agree
import { createHash } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'

const MiB = 1024 * 1024
const bufferBytes = MiB

const { values, positionals } = parseArgs({
  options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (values.help || positionals.length > 1) {
  console.error('npm start [-- [--once] [FILE]]   without FILE: a part of this node program')
  process.exit(values.help ? 0 : 2)
}

/** Node's own program is on every machine that runs this; a part of it is real, and large enough. */
const source = positionals[0] === undefined ? process.execPath : resolve(positionals[0])
const bytesMax = positionals[0] === undefined ? 32 * MiB : Number.POSITIVE_INFINITY
const found = await stat(source).catch((error) => error)
if (found instanceof Error || !found.isFile()) {
  console.error(`cannot put ${source}: ${found instanceof Error ? found.message : 'it is not a file'}`)
  process.exit(2)
}
const total = Math.min(found.size, bytesMax)

build()
const { startCluster } = await import(new URL('../packages/cluster/dist/index.js', import.meta.url).href)

const path = `/hello/${basename(source)}`

const startedAt = performance.now()
const cluster = await startCluster({ datanodes: 1, web: 0 })
const client = await cluster.connect()
console.log(
  `Started a NameNode and a DataNode in ${Math.round(performance.now() - startedAt)} ms, in memory.`,
)
console.log(`  address   ${cluster.url}`)
console.log(`  web page  ${cluster.webUrl}`)

await client.mkdir('/hello', { recursive: true })
const sent = await timed(() => put(path))
const got = await timed(() => get(path))
const agree = sent.digest === got.digest && sent.bytes === got.bytes
console.log(`\nPut  ${source} as ${path}`)
console.log(`  ${describe(sent)}`)
console.log(`Read ${path} back`)
console.log(`  ${describe(got)}`)
console.log(`  sha256    ${got.digest}`)
console.log(agree ? '  The digests agree.' : `  THE DIGESTS DIFFER: ${sent.digest} was written.`)

if (!values.once && agree) {
  console.log(`
How to go on, in another terminal in this directory:
  npx cairn ls -R ${cluster.url}/
  npx cairn put package.json ${cluster.url}/hello/
  npx cairn cat ${cluster.url}/hello/package.json
The web page is ${cluster.webUrl}. Ctrl-C ends the cluster; \`npx cairn up\` starts one that keeps its data.`)
  // A timer keeps the process up until a signal comes, whatever the servers' sockets do.
  const alive = setInterval(() => {}, 1 << 30)
  await new Promise((end) => {
    // `on`, as a terminal and npm may both send it: the second one must not cut the end short.
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, end)
  })
  clearInterval(alive)
  console.log('\nEnding.')
}
await client.close()
await cluster.close()
process.exitCode = agree ? 0 : 1

/** Writes the source to HDFS; answers the digest of what was read from disk. */
async function put(target) {
  const hash = createHash('sha256')
  const input = await open(source)
  const output = await client.open(target, 'w')
  const buffer = Buffer.alloc(bufferBytes)
  let bytes = 0
  while (bytes < total) {
    const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, total - bytes), bytes)
    if (bytesRead === 0) break
    const part = buffer.subarray(0, bytesRead)
    hash.update(part)
    await output.write(part)
    bytes += bytesRead
  }
  await output.close()
  await input.close()
  return { bytes, digest: hash.digest('hex') }
}

/** Reads a file of HDFS; answers the digest of what came. */
async function get(target) {
  const hash = createHash('sha256')
  const input = await client.open(target)
  const buffer = Buffer.alloc(bufferBytes)
  let bytes = 0
  for (;;) {
    const { bytesRead } = await input.read(buffer)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    bytes += bytesRead
  }
  await input.close()
  return { bytes, digest: hash.digest('hex') }
}

async function timed(work) {
  const from = performance.now()
  return { ...(await work()), ms: performance.now() - from }
}

function describe({ bytes, ms }) {
  const rate = bytes / MiB / (ms / 1000)
  const size = bytes < MiB ? `${bytes} bytes` : `${(bytes / MiB).toFixed(1)} MiB`
  return `${size} in ${Math.round(ms)} ms (${rate.toFixed(0)} MiB/s, sha256 included)`
}
