// Our DataNode against Java's under the same load, with Java's client and ours: alone behind a Java NameNode, and in
// pipelines of three with two of Java's.
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { residentMiB } from '../peer-process.mjs'
import { interleaved, report, round } from '../report.mjs'
import { startServer } from '../servers.mjs'
import { fastFolder, startPeers } from '../setup.mjs'

const gib = 1 << 30
const clients = ['java', 'cairn']

/** A Java NameNode with `javas` Java DataNodes and, on our side, one of ours. */
async function startSide(name, javas, withOurs) {
  const hadoop = await startHadoop({ datanodes: javas, heap: '768m', dir: fastFolder(name) })
  const ours = withOurs
    ? await startServer('datanode', {
        namenode: { host: hadoop.host, port: hadoop.port },
        dir: fastFolder(`${name}-node`),
      })
    : undefined
  const peers = await startPeers(clients, hadoop.url)
  return {
    name,
    pid: ours?.pid ?? hadoop.datanodeProcesses[0].pid,
    peers,
    async stop() {
      await Promise.all(peers.map((peer) => peer.close()))
      await ours?.stop()
      await hadoop.stop()
    },
  }
}

/** The sides as peers of one interleaved run, all driven by the same client; CPU is that of the DataNode compared. */
function driven(sides, client) {
  return sides.map(({ name, pid, peers }) => ({
    name,
    job: (line) => peers.find((peer) => peer.name === client).job(line, [pid]),
  }))
}

async function row(sides, { what, client, line, repeats, unit = gib, bars }) {
  const measured = await interleaved(driven(sides, client), repeats, line)
  const cells = {}
  for (const [name, { wallMs, serverCpuMs, count }] of Object.entries(measured)) {
    cells[name] =
      unit === gib
        ? `${round(count / gib / (wallMs / 1000))} GiB/s, DataNode ${round((serverCpuMs / 1000) * (gib / count))} CPU-s/GiB`
        : `${round(count / (wallMs / 1000), 0)}/s, DataNode ${round((serverCpuMs * 1000) / count, 0)} CPU-µs each`
  }
  const speed = measured.java.wallMs / measured.ours.wallMs
  const cpu = measured.ours.serverCpuMs / measured.java.serverCpuMs
  const judged = [[`${round(speed)} × Java's, bar ${bars.speed} ×`, speed >= bars.speed]]
  if (bars.cpu) judged.push([`${round(cpu)} × CPU of Java's, bar ${bars.cpu} ×`, cpu <= bars.cpu])
  report(`DataNode: ${client === 'java' ? "Java's client" : 'our client'} ${what}`, cells, judged)
}

async function bulk(sides, { repeats, bytes }) {
  for (const client of clients) {
    const write = { what: 'writes 1 GiB', client, line: () => `write /bench ${bytes} 1`, repeats }
    await row(sides, { ...write, bars: { speed: 1.1, cpu: 0.7 } })
    const read = { what: 'reads 1 GiB', client, line: () => 'read /bench', repeats }
    await row(sides, { ...read, bars: { speed: 1, cpu: 1 } })
  }
  for (const { peers } of sides) {
    for (let file = 0; file < 8; file++) await peers[0].job(`write /many/${file} ${bytes / 8} 1`)
  }
  for (const client of clients) {
    const many = {
      what: 'reads 8 files at once, 1 GiB together',
      client,
      line: () => 'readmany /many 8',
      repeats,
    }
    await row(sides, { ...many, bars: { speed: 1, cpu: 1 } })
  }
}

async function manyReaders(sides, { repeats, scale }) {
  const count = Math.round(10_000 * scale)
  const line = () => `pread /bench ${count} 1000 65536`
  const what = '1,000 readers of 64 KiB at once'
  await row(sides, { what, client: 'cairn', line, repeats, unit: 1, bars: { speed: 1.2 } })
  const peak = Object.fromEntries(sides.map(({ name, pid }) => [name, residentMiB(pid, 'VmHWM')]))
  const ratio = peak.ours / peak.java
  const cells = { java: `${round(peak.java, 0)} MiB`, ours: `${round(peak.ours, 0)} MiB` }
  report('DataNode: peak memory after that', cells, [[`${round(ratio)} × Java's, bar 0.5 ×`, ratio <= 0.5]])
}

async function smallFiles(sides, { repeats, scale }) {
  const folder = (run) => `/small-${run}`
  for (const { peers } of sides) {
    for (let run = 0; run <= repeats; run++) await peers[1].job(`mkdirs ${folder(run)} 1 1`)
  }
  const line = (_, run) => `create ${folder(run)} ${Math.round(1000 * scale)} 32`
  const what = 'writes files of 1 KiB, 32 at once'
  await row(sides, { what, client: 'cairn', line, repeats, unit: 1, bars: { speed: 1.2 } })
}

export async function run(options) {
  const alone = [await startSide('java', 1, false), await startSide('ours', 0, true)]
  try {
    const idle = Object.fromEntries(alone.map(({ name, pid }) => [name, residentMiB(pid)]))
    const ratio = idle.ours / idle.java
    const cells = { java: `${round(idle.java, 0)} MiB`, ours: `${round(idle.ours, 0)} MiB` }
    report('DataNode: memory, idle', cells, [[`${round(ratio)} × Java's, bar 0.3 ×`, ratio <= 0.3]])
    await bulk(alone, options)
    await smallFiles(alone, options)
    await manyReaders(alone, options)
  } finally {
    await Promise.all(alone.map((side) => side.stop()))
  }
  const piped = [await startSide('java', 3, false), await startSide('ours', 2, true)]
  try {
    for (const client of clients) {
      const line = () => `write /bench ${options.bytes} 3`
      const what = 'writes 1 GiB, replication 3, with two Java DataNodes'
      await row(piped, { what, client, line, repeats: options.repeats, bars: { speed: 1.1, cpu: 0.7 } })
    }
  } finally {
    await Promise.all(piped.map((side) => side.stop()))
  }
}
