// Our NameNode against Java's, both durable, under the same load of the same client.
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { interleaved, report, round } from '../report.mjs'
import { startServer } from '../servers.mjs'
import { startPeers } from '../setup.mjs'

const rate = ({ count, wallMs }) => count / (wallMs / 1000)

/** The same job on both servers; both clients are Cairn's. */
async function both(sides, repeats, lineOf) {
  const measured = {}
  for (const [name, { peer, pids }] of Object.entries(sides)) {
    const done = await interleaved([peer], repeats, (_, run) => lineOf(name, run), pids)
    measured[name] = done.cairn
  }
  return measured
}

function compare(row, measured, bar) {
  const cells = {}
  for (const [name, one] of Object.entries(measured)) {
    cells[name] =
      `${round(rate(one), 0)}/s, server ${round((one.serverCpuMs * 1000) / one.count, 1)} CPU-µs each`
  }
  const ratio = rate(measured.ours) / rate(measured.java)
  report(row, cells, [[`${round(ratio)} × Java's NameNode, bar ${bar} ×`, ratio >= bar]])
}

export async function run({ repeats, scale }) {
  const hadoop = await startHadoop({ datanodes: 0, heap: '1g' })
  const ours = await startServer('namenode')
  const [javaSide] = await startPeers(['cairn'], hadoop.url)
  const url = `hdfs://${ours.host}:${ours.port}`
  const [ourSide, rust] = await startPeers(['cairn', 'hdfs-native (Rust)'], url)
  const sides = {
    java: { peer: javaSide, pids: [hadoop.namenodeProcess.pid] },
    ours: { peer: ourSide, pids: [ours.pid] },
  }
  const many = Math.round(20000 * scale)
  const some = Math.round(5000 * scale)
  try {
    compare('NameNode: getFileInfo, 32 in flight', await both(sides, repeats, () => `stat / ${many} 32`), 1.5)
    const mkdirs = await both(sides, repeats, (name, run) => `mkdirs /m-${name}-${run} ${some} 32`)
    compare('NameNode: mkdirs, 32 in flight, durable', mkdirs, 1.5)
    const touched = await both(sides, repeats, (name, run) => `touch /t-${name}-${run} ${some} 32`)
    compare('NameNode: create + close, 32 in flight, durable', touched, 1.5)
    if (rust) {
      const stats = await interleaved([ourSide, rust], repeats, () => `stat / ${many * 2} 256`, [ours.pid])
      const cells = {}
      for (const [name, one] of Object.entries(stats))
        cells[name] = `${round(rate(one), 0)}/s, ${round((one.cpuMs * 1000) / one.count, 1)} CPU-µs each`
      const ratio = rate(stats.cairn) / rate(stats['hdfs-native (Rust)'])
      report('our NameNode: getFileInfo, 256 in flight, ours against hdfs-native', cells, [
        [`${round(ratio)} × hdfs-native (Rust), bar 2 ×`, ratio >= 2],
      ])
    }
  } finally {
    await Promise.all([javaSide, ourSide, rust].filter(Boolean).map((peer) => peer.close()))
    await ours.stop()
    await hadoop.stop()
  }
}
