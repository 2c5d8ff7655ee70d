// Client and server of two built checkouts in one process, taking turns with getFileInfo, 32 in flight over loopback:
//
//   node benchmarks/rpc-before-after.mjs CHECKOUT CHECKOUT
//
// prints CPU time of the first divided by that of the second, the median of the rounds. Run it in both orders.
import { join, resolve } from 'node:path'

const inFlight = 32
const callsPerTurn = 5_000
const warmUps = 16
const rounds = 120

const fs = {
  fileType: 2,
  path: new Uint8Array(0),
  length: 12_345n,
  permission: { perm: 0o644 },
  owner: 'root',
  group: 'supergroup',
  modification_time: 1_795_264_014_937n,
  access_time: 1_795_264_014_608n,
  block_replication: 3,
  blocksize: 134_217_728n,
  fileId: 16_403n,
  childrenNum: 0,
  storagePolicy: 0,
}

async function load(checkout) {
  const of = (name) => import(join(resolve(checkout), 'packages', name, 'dist/index.js'))
  const { RpcClient, RpcServer, defineService } = await of('hadoop-ipc')
  const { ClientNamenodeProtocol } = await of('hadoop-proto')
  const protocol = 'org.apache.hadoop.hdfs.protocol.ClientProtocol'
  const handlers = { getFileInfo: () => ({ fs }) }
  const server = new RpcServer({
    services: [defineService({ protocol, methods: ClientNamenodeProtocol, handlers })],
  })
  const address = await server.listen({ port: 0 })
  const client = new RpcClient({ user: 'root' })
  const request = { src: '/a/file' }
  return async () => {
    let left = callsPerTurn
    const worker = async () => {
      while (left-- > 0) await client.call(address, protocol, ClientNamenodeProtocol.getFileInfo, request)
    }
    const before = process.cpuUsage()
    await Promise.all(Array.from({ length: inFlight }, worker))
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
}

const [first, second] = await Promise.all(process.argv.slice(2, 4).map(load))
const ratios = []
for (let turn = -warmUps; turn < rounds; turn++) {
  const turns = turn % 2 === 0 ? [first, second] : [second, first]
  const took = new Map()
  for (const side of turns) took.set(side, await side())
  if (turn >= 0) ratios.push(took.get(first) / took.get(second))
}
console.log(ratios.sort((a, b) => a - b)[ratios.length >> 1].toFixed(4))
process.exit()
