// Rows where clients are compared on a real Apache Hadoop cluster.
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { fastestOther, interleaved, report, round } from '../report.mjs'
import { clientPeers, fastFolder, startPeers } from '../setup.mjs'

const gib = 1 << 30

function bulkColumns(measured) {
  const cells = {}
  for (const [name, { wallMs, cpuMs, count, serverCpuMs }] of Object.entries(measured)) {
    const perGib = gib / count
    cells[name] =
      `${round(count / gib / (wallMs / 1000))} GiB/s, ${round((cpuMs / 1000) * perGib)} CPU-s/GiB (servers ${round((serverCpuMs / 1000) * perGib)})`
  }
  return cells
}

function callColumns(measured) {
  const cells = {}
  for (const [name, { wallMs, cpuMs, count, serverCpuMs }] of Object.entries(measured)) {
    cells[name] =
      `${round(count / (wallMs / 1000), 0)}/s, ${round((cpuMs * 1000) / count, 1)} CPU-µs each (servers ${round((serverCpuMs * 1000) / count, 1)})`
  }
  return cells
}

function throughputBar(measured, least, against = fastestOther(measured)) {
  const ratio = against[1].wallMs / measured.cairn.wallMs
  return [`${round(ratio)} × ${against[0]}, bar ${least} ×`, ratio >= least]
}

function cpuBar(measured, peer, most) {
  const ratio = measured.cairn.cpuMs / measured[peer].cpuMs
  return [`${round(ratio)} × CPU of ${peer}, bar ${most} ×`, ratio <= most]
}

async function bulk(peers, pids, { repeats, bytes }) {
  const writer = peers.find((peer) => peer.name === 'java')
  await writer.job(`write /bench-read ${bytes} 1`)
  const read = await interleaved(peers, repeats, () => 'read /bench-read', pids)
  report('read 1 GiB, checksums verified', bulkColumns(read), [
    throughputBar(read, 1.1),
    cpuBar(read, 'java', 0.8),
  ])
  for (const replication of [1, 3]) {
    // One path for all: the folder may lie in memory, which would not hold a file of each.
    const line = () => `write /bench-write ${bytes} ${replication}`
    const written = await interleaved(peers, repeats, line, pids)
    const bars = [throughputBar(written, 1), cpuBar(written, 'java', 0.8)]
    report(`write 1 GiB, replication ${replication}`, bulkColumns(written), bars)
  }
}

async function calls(peers, pids, { repeats, scale }) {
  const maker = peers.find((peer) => peer.name === 'cairn')
  const count = (full) => Math.max(20, Math.round(full * scale))
  for (const [inflight, full] of [
    [1, 4000],
    [32, 20000],
  ]) {
    const stats = await interleaved(
      peers,
      repeats,
      () => `stat /bench-small ${count(full)} ${inflight}`,
      pids,
    )
    const bars = [throughputBar(stats, 1)]
    if (stats['hdfs-native (Rust)']) bars.push(cpuBar(stats, 'hdfs-native (Rust)', 0.7))
    report(`getFileInfo, ${inflight} in flight`, callColumns(stats), bars)
  }
  for (const [inflight, full] of [
    [1, 20],
    [32, 200],
  ]) {
    const folder = (peer, run) => `/bench-create/${clientPeers.indexOf(peer.name)}-${inflight}-${run}`
    for (const peer of peers) {
      for (let run = 0; run <= repeats; run++) await maker.job(`mkdirs ${folder(peer, run)} 1 1`)
    }
    const line = (peer, run) => `create ${folder(peer, run)} ${count(full)} ${inflight}`
    const created = await interleaved(peers, repeats, line, pids)
    const bars = [throughputBar(created, 1.3)]
    for (const peer of ['java', 'hdfs-native (Rust)']) {
      if (created[peer]) bars.push(throughputBar(created, 3, [peer, created[peer]]))
    }
    report(`create + write 1 KiB + close, ${inflight} in flight`, callColumns(created), bars)
  }
}

async function lists(peers, pids, { repeats }) {
  const maker = peers.find((peer) => peer.name === 'cairn')
  await maker.job('mkdirs /bench-list 10000 32')
  // One listing takes some 20 ms, as long as a pause of a garbage collector: ten make a figure.
  const listed = await interleaved(peers, repeats, () => Array(10).fill('list /bench-list'), pids)
  report('list 10,000 entries', callColumns(listed), [throughputBar(listed, 1)])
  const read = await interleaved(peers, repeats, () => 'pread /bench-read 1000 16', pids)
  report('1,000 random 4 KiB reads, 16 in flight', callColumns(read), [throughputBar(read, 2)])
}

export async function run(options) {
  const hadoop = await startHadoop({ datanodes: 3, heap: '768m', dir: fastFolder('client') })
  const pids = [hadoop.namenodeProcess, ...hadoop.datanodeProcesses].map((daemon) => daemon.pid)
  const peers = await startPeers(options.peers ?? clientPeers, hadoop.url)
  try {
    const java = peers.find((peer) => peer.name === 'java')
    await java.job('write /bench-small 1000 1')
    await bulk(peers, pids, options)
    await calls(peers, pids, options)
    await lists(peers, pids, options)
  } finally {
    await Promise.all(peers.map((peer) => peer.close()))
    await hadoop.stop()
  }
}
