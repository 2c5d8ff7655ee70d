// A DataNode with very many replicas: how long a start takes until the full report is taken, how long the event loop
// is held meanwhile, and what memory a replica costs.
//
//     node benchmarks/replicas.mjs [--replicas 1000000] [--volumes 1] [--dir /dev/shm/cairn-replicas] [--keep]
//
// Block and meta files are hard links to one file each: the names are what a start reads. The NameNode is scripted
// and lives in a process of its own. The first start reads the directories, the second what the first one's stop wrote
// down; what follows each start is a second full report.
import { fork } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startDataNode } from '../packages/datanode/dist/index.js'
import { defineService, RpcServer } from '../packages/hadoop-ipc/dist/index.js'
import { datanodeProtocol } from '../packages/hdfs-protocol/dist/index.js'
import {
  finalizedSubdirectory,
  formatBlockFileName,
  formatMetaFileName,
} from '../packages/hdfs-storage/dist/index.js'

const blockPoolId = 'BP-1-127.0.0.1-1'
const firstBlockId = 1073741825n

const { values } = parseArgs({
  options: {
    replicas: { type: 'string', default: '1000000' },
    volumes: { type: 'string', default: '1' },
    dir: { type: 'string', default: '/dev/shm/cairn-replicas' },
    keep: { type: 'boolean', default: false },
    role: { type: 'string', default: 'main' },
    port: { type: 'string', default: '0' },
    old: { type: 'boolean', default: false },
  },
})
const replicas = Number(values.replicas)
const dirs = Array.from({ length: Number(values.volumes) }, (_, index) => `${values.dir}/${index}`)

/** Linux lets a file have 65,000 links on ext4: a new one is begun in time. */
const linksMax = 60_000

function populate() {
  dirs.forEach((dir, volume) => {
    const finalized = `${dir}/current/${blockPoolId}/current/finalized`
    if (existsSync(finalized)) return
    mkdirSync(`${values.dir}/seed`, { recursive: true })
    const made = new Set()
    let seed = ''
    for (let index = volume; index < replicas; index += dirs.length) {
      if (Math.floor((index - volume) / dirs.length) % linksMax === 0) {
        seed = `${values.dir}/seed/${volume}-${index}`
        writeFileSync(`${seed}.data`, '')
        writeFileSync(`${seed}.meta`, new Uint8Array([0, 1, 2, 0, 0, 2, 0]))
      }
      const blockId = firstBlockId + BigInt(index)
      const folder = `${finalized}/${finalizedSubdirectory(blockId)}`
      if (!made.has(folder)) {
        mkdirSync(folder, { recursive: true })
        made.add(folder)
      }
      linkSync(`${seed}.data`, `${folder}/${formatBlockFileName(blockId)}`)
      linkSync(`${seed}.meta`, `${folder}/${formatMetaFileName(blockId, 1001 + index)}`)
    }
  })
}

/** Takes reports and says when. */
async function beNameNode() {
  const storageInfo = { layoutVersion: -67 >>> 0, namespceID: 7, clusterID: 'CID-bench', cTime: 1n }
  const service = defineService({
    protocol: datanodeProtocol.name,
    methods: datanodeProtocol.methods,
    handlers: {
      versionRequest: () => ({
        info: {
          buildVersion: 'bench',
          unused: 0,
          blockPoolID: blockPoolId,
          storageInfo,
          softwareVersion: '3.4.3',
          capabilities: values.old ? 0n : 1n,
        },
      }),
      registerDatanode: ({ registration }) => ({ registration }),
      sendHeartbeat: ({ requestFullBlockReportLease }) => ({
        cmds: [],
        haStatus: { state: 0, txid: 1n },
        fullBlockReportLeaseId: requestFullBlockReportLease ? 42n : 0n,
      }),
      blockReport: ({ reports }) => {
        const count = reports.reduce(
          (sum, report) => sum + Number(report.numberOfBlocks ?? report.blocks[0] ?? 0n),
          0,
        )
        process.send({ count })
        return {}
      },
      blockReceivedAndDeleted: () => ({}),
      cacheReport: () => ({}),
    },
  })
  const server = new RpcServer({ services: [service] })
  const { port } = await server.listen({ port: 0 })
  process.send({ port })
}

async function beDataNode() {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const start = performance.now()
  const node = await startDataNode({
    namenode: { host: '127.0.0.1', port: Number(values.port) },
    dirs,
    heartbeatIntervalMs: 100,
  })
  await node.ready()
  const startMs = performance.now() - start
  const startPauseMs = delay.max / 1e6
  delay.reset()
  const second = performance.now()
  const { lastFullReportMs } = node.status().namenodes[0]
  node.triggerBlockReport()
  while (node.status().namenodes[0].lastFullReportMs === lastFullReportMs) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const reportMs = performance.now() - second
  const reportPauseMs = delay.max / 1e6
  await new Promise((resolve) => setTimeout(resolve, 1000))
  globalThis.gc?.()
  await new Promise((resolve) => setTimeout(resolve, 1000))
  globalThis.gc?.()
  const { rss } = process.memoryUsage()
  const found = node.status().replicas.FINALIZED
  const stopping = performance.now()
  delay.reset()
  await node.close()
  const stopMs = performance.now() - stopping
  process.send({
    startMs,
    startPauseMs,
    reportMs,
    reportPauseMs,
    stopMs,
    stopPauseMs: delay.max / 1e6,
    rss,
    bytesPerReplica: (rss - before) / found,
    found,
  })
  process.exit(0)
}

function child(role, port = 0) {
  const args = process.argv.slice(2).concat('--role', role, '--port', String(port))
  const started = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--expose-gc'] })
  return started
}

function message(from, field) {
  return new Promise((resolve, reject) => {
    from.on('message', (value) => field in value && resolve(value))
    from.on('exit', (code) => reject(new Error(`a child process ended with ${code}`)))
  })
}

async function main() {
  const populating = performance.now()
  populate()
  const namenode = child('namenode')
  let reported = 0
  namenode.on('message', ({ count }) => {
    reported = count ?? reported
  })
  const { port } = await message(namenode, 'port')
  process.stdout.write(`${replicas} replicas made in ${Math.round(performance.now() - populating)} ms\n`)
  for (const what of ['after a kill', 'after a stop']) {
    const result = await message(child('datanode', port), 'startMs')
    if (result.found !== replicas || reported === 0) {
      process.stdout.write(`found ${result.found}, reported ${reported}: not what there is\n`)
      process.exitCode = 1
    }
    const row = Object.entries(result).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`)
    process.stdout.write(`${what}: ${row.join(', ')}\n`)
  }
  namenode.removeAllListeners('exit')
  namenode.kill()
  if (!values.keep) rmSync(values.dir, { recursive: true, force: true })
}

await { main, namenode: beNameNode, datanode: beDataNode }[values.role]()
