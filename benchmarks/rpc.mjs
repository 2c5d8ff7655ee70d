// Hadoop RPC: getFileInfo calls per second and CPU per call, at 1, 32 and 256 in flight.
//
//   node benchmarks/rpc.mjs [--namenode HOST:PORT] [--seconds 2] [--rounds 5] [--path /]
//
// Without --namenode it starts our own RpcServer with a getFileInfo that answers at once, in a process of its own.
// Prints medians and best of the rounds. Client CPU is this process's; server CPU is the child's (ours only).
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { defineService, RpcClient, RpcServer } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'

const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
const { values } = parseArgs({
  options: {
    namenode: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    path: { type: 'string', default: '/' },
    serve: { type: 'boolean', default: false },
  },
})

const status = {
  fs: {
    fileType: 2,
    path: new Uint8Array(0),
    length: 11n,
    permission: { perm: 0o644 },
    owner: 'root',
    group: 'supergroup',
    modification_time: 1795264014937n,
    access_time: 1795264014608n,
    block_replication: 1,
    blocksize: 131072n,
    fileId: 16403n,
    childrenNum: 0,
    storagePolicy: 0,
    flags: 0,
  },
}

async function serve() {
  const server = new RpcServer({
    services: [
      defineService({
        protocol,
        methods: ClientNamenodeProtocol,
        handlers: {
          getFileInfo: () => status,
          // The bench asks for the server's own CPU time by a call that returns a number.
          getPreferredBlockSize: () => {
            const { user, system } = process.cpuUsage()
            return { bsize: BigInt(user + system) }
          },
        },
      }),
    ],
  })
  const { port } = await server.listen({ port: 0 })
  console.log(port)
}

async function startServer() {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise((resolve) => child.stdout.once('data', (line) => resolve(Number(line))))
  return { child, address: { host: '127.0.0.1', port } }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

async function measure(client, address, inFlight, seconds, serverCpu) {
  const request = { src: values.path }
  const call = () => client.call(address, protocol, ClientNamenodeProtocol.getFileInfo, request)
  const until = performance.now() + seconds * 1000
  let calls = 0
  const worker = async () => {
    while (performance.now() < until) {
      await call()
      calls++
    }
  }
  const started = performance.now()
  const cpu = process.cpuUsage()
  const serverBefore = await serverCpu()
  await Promise.all(Array.from({ length: inFlight }, worker))
  const serverAfter = await serverCpu()
  const used = process.cpuUsage(cpu)
  return {
    rate: calls / ((performance.now() - started) / 1000),
    clientUs: (used.user + used.system) / calls,
    serverUs: (serverAfter - serverBefore) / calls,
  }
}

async function bench() {
  const ours = values.namenode === undefined ? await startServer() : undefined
  const [host, port] = (values.namenode ?? '').split(':')
  const address = ours?.address ?? { host, port: Number(port) }
  const client = new RpcClient({ user: process.env.USER ?? 'root' })
  const serverCpu = async () => {
    if (ours === undefined) return Number.NaN
    const method = ClientNamenodeProtocol.getPreferredBlockSize
    return Number((await client.call(address, protocol, method, { filename: '/' })).bsize)
  }
  const seconds = Number(values.seconds)
  for (const inFlight of [1, 32, 256]) await measure(client, address, inFlight, 1, serverCpu)
  console.log(`getFileInfo of ${values.path} at ${ours === undefined ? values.namenode : 'our RpcServer'}`)
  const rows = new Map([1, 32, 256].map((inFlight) => [inFlight, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [inFlight, row] of rows) row.push(await measure(client, address, inFlight, seconds, serverCpu))
  }
  for (const [inFlight, row] of rows) {
    const rate = row.map((r) => r.rate)
    const server =
      ours === undefined ? '' : `  server CPU ${median(row.map((r) => r.serverUs)).toFixed(1)} us/call`
    console.log(
      `${String(inFlight).padStart(4)} in flight: ${Math.round(median(rate))} calls/s [${Math.round(Math.max(...rate))}]` +
        `  client CPU ${median(row.map((r) => r.clientUs)).toFixed(1)} us/call${server}`,
    )
  }
  await client.close()
  ours?.child.kill()
}

await (values.serve ? serve() : bench())
