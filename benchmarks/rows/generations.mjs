// Old generations of the wire: our client beside Java's client of the same release, on that release's servers.
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { interleaved, report, round } from '../report.mjs'
import { fastFolder, oldJavaPeer, startPeers } from '../setup.mjs'

const gib = 1 << 30
const releases = [
  { version: '2.0.0-alpha', rpc: 7 },
  { version: '1.2.1', rpc: 4 },
]

function reportRow(title, measured, cellOf) {
  const cells = Object.entries(measured).map(([name, one]) => [name, cellOf(one)])
  const ratio = measured.java.wallMs / measured.cairn.wallMs
  const cpu = measured.cairn.cpuMs / measured.java.cpuMs
  report(title, Object.fromEntries(cells), [
    [`${round(ratio)} × Java's client, bar 1 × (${round(cpu)} × its CPU time)`, ratio >= 1],
  ])
}

async function measure({ version, rpc }, { repeats, bytes, scale }) {
  const hadoop = await startHadoop({ version, datanodes: 1, heap: '768m', dir: fastFolder('generations') })
  const pids = [hadoop.namenodeProcess, ...hadoop.datanodeProcesses].map((daemon) => daemon.pid)
  const peers = await startPeers(['cairn'], hadoop.url)
  try {
    const java = oldJavaPeer(version)
    if (java === undefined) throw new Error(`no Java client of Hadoop ${version}`)
    peers.push(java)
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
