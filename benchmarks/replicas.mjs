// A DataNode with very many replicas: how long a start takes until the full report is taken, how long the event loop
// is held meanwhile, and what memory a replica costs.
//
//     node benchmarks/replicas.mjs [--replicas 1000000] [--volumes 1] [--dir /dev/shm/cairn-replicas] [--keep] [--java]
//
// Block and meta files are hard links to one file each: the names are what a start reads. The NameNode is scripted
// and lives in a process of its own. The first start reads the directories, the second what the first one's stop wrote
// down; what follows each start is a second full report. `--java` lets Java's DataNode start on the same files before
// that, against the same NameNode. `--old` asks for reports in the long[] form. A pause is told twice: as it was, and without the time in which other processes had
// the processor.
import { fork, spawn } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
    java: { type: 'boolean', default: false },
    hadoop: { type: 'string', default: '3.4.3' },
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

/** The longest time in which no timer ran, and the most processor time that this process used in one such time. */
class Pauses {
  #lastMs = performance.now()
  #lastCpu = process.cpuUsage()
  #wallMs = 0
  #cpuMs = 0

  constructor() {
    setInterval(() => this.#tick(), 1).unref()
  }

  #tick() {
    const now = performance.now()
    const { user, system } = process.cpuUsage(this.#lastCpu)
    const wallMs = now - this.#lastMs
    this.#wallMs = Math.max(this.#wallMs, wallMs)
    this.#cpuMs = Math.max(this.#cpuMs, Math.min(wallMs, (user + system) / 1000))
    this.#lastMs = now
    this.#lastCpu = process.cpuUsage()
  }

  take() {
    const text = `${Math.round(this.#wallMs)} (own ${Math.round(this.#cpuMs)})`
    this.#wallMs = 0
    this.#cpuMs = 0
    return text
  }
}

async function beDataNode() {
  const pauses = new Pauses()
  const node = await startDataNode({
    namenode: { host: '127.0.0.1', port: Number(values.port) },
    dirs,
    heartbeatIntervalMs: 100,
  })
  await node.ready()
  const cpu = process.cpuUsage()
  const start = { startPauseMs: pauses.take(), startCpuMs: Math.round((cpu.user + cpu.system) / 1000) }
  const second = performance.now()
  const { lastFullReportMs } = node.status().namenodes[0]
  node.triggerBlockReport()
  while (node.status().namenodes[0].lastFullReportMs === lastFullReportMs) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const report = { reportMs: Math.round(performance.now() - second), reportPauseMs: pauses.take() }
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const found = node.status().replicas.FINALIZED
  const residentMiB = Math.round(process.memoryUsage().rss / 2 ** 20)
  const stopping = performance.now()
  pauses.take()
  await node.close()
  const stopMs = Math.round(performance.now() - stopping)
  process.send({ ...start, ...report, residentMiB, stopMs, stopPauseMs: pauses.take(), found })
  process.exit(0)
}

/** Java's DataNode on the same directories: until the NameNode has its report, and what it takes then. */
async function startJava(port, reported) {
  const { fetchHadoop } = await import('../packages/testkit/dist/index.js')
  const conf = {
    'fs.defaultFS': `hdfs://127.0.0.1:${port}`,
    'dfs.datanode.data.dir': dirs.join(','),
    'dfs.datanode.address': '127.0.0.1:0',
    'dfs.datanode.ipc.address': '127.0.0.1:0',
    'dfs.datanode.http.address': '127.0.0.1:0',
    'dfs.heartbeat.interval': '1',
  }
  const options = Object.entries(conf).flatMap(([name, value]) => ['-D', `${name}=${value}`])
  const main = 'org.apache.hadoop.hdfs.server.datanode.DataNode'
  // Its web server wants a folder to serve.
  mkdirSync(`${values.dir}/java/webapps/datanode`, { recursive: true })
  const classPath = `${fetchHadoop(values.hadoop)}/*:${values.dir}/java`
  const begun = performance.now()
  const java = spawn('java', ['-Xmx2g', '-cp', classPath, main, ...options], {
    stdio: ['ignore', 'ignore', process.env.VERBOSE ? 'inherit' : 'ignore'],
  })
  const died = new Promise((_, reject) => java.on('exit', () => reject(new Error("Java's DataNode ended"))))
  died.catch(() => {})
  await Promise.race([reported(), died])
  const startMs = Math.round(performance.now() - begun)
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const residentKiB = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${java.pid}/status`, 'utf8'))[1])
  const ticks = readFileSync(`/proc/${java.pid}/stat`, 'latin1').split(') ')[1].split(' ')
  const startCpuMs = (Number(ticks[11]) + Number(ticks[12])) * 10
  java.kill('SIGKILL')
  await new Promise((resolve) => java.on('exit', resolve))
  return { startMs, startCpuMs, residentMiB: Math.round(residentKiB / 1024) }
}

function child(role, port = 0) {
  const args = process.argv.slice(2).concat('--role', role, '--port', String(port))
  const started = fork(fileURLToPath(import.meta.url), args)
  return started
}

function message(from, field) {
  return new Promise((resolve, reject) => {
    from.on('message', (value) => field in value && resolve(value))
    from.on('exit', (code) => reject(new Error(`a child process ended with ${code}`)))
  })
}

function tell(what, result) {
  const row = Object.entries(result).map(([name, value]) => `${name} ${value}`)
  process.stdout.write(`${what}: ${row.join(', ')}\n`)
}

async function main() {
  const populating = performance.now()
  populate()
  const namenode = child('namenode')
  const { port } = await message(namenode, 'port')
  process.stdout.write(`${replicas} replicas made in ${Math.round(performance.now() - populating)} ms\n`)
  /** Resolves when the NameNode has heard of all replicas from now on. */
  const reported = () => {
    let heard = 0
    return new Promise((resolve) => {
      const hear = ({ count }) => {
        heard += count ?? 0
        if (heard < replicas) return
        namenode.off('message', hear)
        resolve()
      }
      namenode.on('message', hear)
    })
  }
  let formatted = false
  const ours = async (what) => {
    const begun = performance.now()
    const taken = reported().then(() => Math.round(performance.now() - begun))
    const result = await message(child('datanode', port), 'startCpuMs')
    if (result.found !== replicas) throw new Error(`found ${result.found} of ${replicas} replicas`)
    if (formatted || !values.java) tell(what, { startMs: await taken, ...result })
    formatted = true
  }
  const forget = () =>
    dirs.map((dir) => rmSync(`${dir}/current/${blockPoolId}/current/replicas`, { force: true }))
  if (values.java) {
    await ours('to format')
    forget()
    tell("Java's after a kill", await startJava(port, reported))
    forget()
  }
  await ours('after a kill')
  await ours('after a stop')
  namenode.removeAllListeners('exit')
  namenode.kill()
  if (!values.keep) rmSync(values.dir, { recursive: true, force: true })
}

await { main, namenode: beNameNode, datanode: beDataNode }[values.role]()
