// Old generations of the wire: our client beside a C client of that kind and Java's client of the same release, on that
// release's servers.
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { interleaved, report, round } from '../report.mjs'
import { fastFolder, hadoofusPeer, oldJavaPeer, startPeers } from '../setup.mjs'

const gib = 1 << 30
const releases = [
  // The C client's connections to 2.0.0-alpha and 2.0.2-alpha are closed by their NameNodes without a word.
  { version: '2.0.0-alpha', rpc: 7, c: false },
  { version: '1.2.1', rpc: 4, c: true },
]

function reportRow(title, measured, cellOf) {
  const cells = Object.entries(measured).map(([name, one]) => [name, cellOf(one)])
  const bars = Object.entries(measured)
    .filter(([name]) => name !== 'cairn')
    .map(([name, { wallMs, cpuMs }]) => {
      const ratio = wallMs / measured.cairn.wallMs
      return [
        `${round(ratio)} × ${name}, bar 1 × (${round(measured.cairn.cpuMs / cpuMs)} × its CPU time)`,
        ratio >= 1,
      ]
    })
  report(title, Object.fromEntries(cells), bars)
}

async function measure({ version, rpc, c }, { repeats, bytes, scale }) {
  const hadoop = await startHadoop({
    version,
    datanodes: 1,
    heap: '768m',
    dir: fastFolder('generations'),
    // The C client takes a DataNode's name for its address.
    conf: { 'dfs.datanode.hostname': '127.0.0.1' },
  })
  const pids = [hadoop.namenodeProcess, ...hadoop.datanodeProcesses].map((daemon) => daemon.pid)
  const peers = await startPeers(['cairn'], hadoop.url)
  try {
    const java = oldJavaPeer(version)
    if (java === undefined) throw new Error(`no Java client of Hadoop ${version}`)
    peers.push(java)
    const hadoofus = c ? hadoofusPeer() : undefined
    if (hadoofus !== undefined) {
      peers.push(hadoofus)
      await hadoofus.job(`CONNECT ${hadoop.url}`)
    } else if (c) console.error('left out: libhadoofus (C)')
    await java.job(`CONNECT ${hadoop.url}`)
    await java.job('write /bench-small 1000 1')
    await java.job(`write /bench-read ${bytes} 1`)
    const count = Math.max(20, Math.round(20_000 * scale))
    const called = await interleaved(peers, repeats, () => `stat /bench-small ${count} 32`, pids)
    reportRow(`RPC ${rpc} (Hadoop ${version}): getFileInfo, 32 in flight`, called, (one) => {
      const servers = round((one.serverCpuMs * 1000) / one.count, 1)
      return `${round(one.count / (one.wallMs / 1000), 0)}/s, ${round((one.cpuMs * 1000) / one.count, 1)} CPU-µs each (servers ${servers})`
    })
    const read = await interleaved(peers, repeats, () => 'read /bench-read', pids)
    reportRow(`RPC ${rpc} (Hadoop ${version}): read 1 GiB, checksums verified`, read, (one) => {
      const perGib = gib / one.count / 1000
      return `${round(one.count / gib / (one.wallMs / 1000))} GiB/s, ${round(one.cpuMs * perGib)} CPU-s/GiB (servers ${round(one.serverCpuMs * perGib)})`
    })
  } finally {
    await Promise.all(peers.map((peer) => peer.close()))
    await hadoop.stop()
  }
}

export async function run(options) {
  for (const release of releases) await measure(release, options)
}
