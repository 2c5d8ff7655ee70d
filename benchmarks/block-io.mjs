// Blocks written to and read from a real DataNode: CPU seconds of this process per GiB, and throughput.
//   node benchmarks/block-io.mjs [MiB [packetKiB]]        fetches and starts Apache Hadoop with one DataNode

import { RpcClient } from '@cairn/hadoop-ipc'
import {
  ClientNamenodeProtocol as calls,
  OpWriteBlockProto_BlockConstructionStage as stages,
} from '@cairn/hadoop-proto'
import { DatanodeConnections, datanodeAddress, openBlockReader, openBlockWriter } from '@cairn/hdfs-block-io'
import { clientProtocol } from '@cairn/hdfs-protocol'
import { startHadoop } from '@cairn/testkit'

const mebibytes = Number(process.argv[2] ?? 512)
const packetDataBytes = Number(process.argv[3] ?? 64) * 1024
const blockSize = 128 * 1024 * 1024
const clientName = 'block-io-bench'
const runs = 5
const hadoop = await startHadoop({ datanodes: 1 })
const rpc = new RpcClient({ user: 'root' })
const call = (name, request) => rpc.call(hadoop, clientProtocol.name, calls[name], request)
const connections = new DatanodeConnections()
const total = mebibytes * 1024 * 1024
const piece = Uint8Array.from({ length: 1024 * 1024 }, (_, i) => (i * 31 + (i >> 8) * 7) & 255)

async function writeFile(src) {
  await call('create', {
    src,
    masked: { perm: 0o644 },
    clientName,
    createFlag: 3,
    createParent: true,
    replication: 1,
    blockSize: BigInt(blockSize),
    cryptoProtocolVersion: [],
  })
  let previous
  for (let written = 0; written < total; ) {
    const request = { src, clientName, previous, excludeNodes: [], favoredNodes: [], flags: [] }
    const { block } = await call('addBlock', request)
    const writer = await openBlockWriter({
      connections,
      block: { ...block.b, numBytes: BigInt(blockSize) },
      token: block.blockToken,
      pipeline: block.locs,
      storageTypes: block.storageTypes,
      storageIds: block.storageIDs,
      stage: stages.PIPELINE_SETUP_CREATE,
      clientName,
      checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
      packetDataBytes,
    })
    const length = Math.min(blockSize, total - written)
    for (let at = 0; at < length; at += piece.length) {
      const pending = writer.write(piece)
      if (pending !== undefined) await pending
    }
    await writer.close()
    written += length
    previous = { ...block.b, numBytes: BigInt(length) }
  }
  while (!(await call('complete', { src, clientName, last: previous })).result) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

async function readFile(src, drain) {
  const request = { src, offset: 0n, length: BigInt(total) }
  const { locations } = await call('getBlockLocations', request)
  for (const block of locations.blocks) {
    const reader = await openBlockReader({
      connections,
      block: block.b,
      token: block.blockToken,
      datanode: datanodeAddress(block.locs[0]),
      offset: 0,
      length: Number(block.b.numBytes),
      clientName,
    })
    await drain(reader)
    await reader.close()
  }
}

const into = new Uint8Array(1024 * 1024)
async function drainInto(reader) {
  for (;;) {
    const count = reader.read(into)
    if ((typeof count === 'number' ? count : await count) === 0) return
  }
}
async function drainChunks(reader) {
  for (;;) {
    const chunk = reader.nextChunk()
    if ((chunk instanceof Uint8Array ? chunk : await chunk) === undefined) return
  }
}

async function measure(name, work) {
  const figures = []
  for (let run = 0; run < runs; run++) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()]
    await work(run)
    const { user, system } = process.cpuUsage(cpu)
    const gib = total / 2 ** 30
    figures.push({
      cpu: (user + system) / 1e6 / gib,
      system: system / 1e6 / gib,
      rate: total / 1e6 / (performance.now() - wall),
    })
  }
  const median = (key) => figures.map((figure) => figure[key]).sort((a, b) => a - b)[runs >> 1]
  console.log(
    `${name.padEnd(34)} ${median('cpu').toFixed(2)} CPU-s/GiB (system ${median('system').toFixed(2)})   ${median('rate').toFixed(2)} GB/s`,
  )
}

try {
  await measure(`write, packets of ${packetDataBytes / 1024} KiB`, (run) => writeFile(`/bench-${run}`))
  await measure('read into 1 MiB, verified', (run) => readFile(`/bench-${run}`, drainInto))
  await measure('read as views, verified', (run) => readFile(`/bench-${run}`, drainChunks))
} finally {
  await rpc.close()
  await connections.close()
  await hadoop.stop()
}
