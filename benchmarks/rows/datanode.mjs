// Our DataNode against Java's, each the only one of a Java NameNode, with Java's client.
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { interleaved, report, round } from '../report.mjs'
import { startServer } from '../servers.mjs'
import { startPeers } from '../setup.mjs'

const gib = 1 << 30

export async function run({ repeats, bytes }) {
  const javas = await startHadoop({ datanodes: 1, heap: '768m' })
  const alone = await startHadoop({ datanodes: 0, heap: '768m' })
  const ours = await startServer('datanode', { namenode: { host: alone.host, port: alone.port } })
  const sides = {
    java: { peer: (await startPeers(['java'], javas.url))[0], pids: [javas.datanodeProcesses[0].pid] },
    ours: { peer: (await startPeers(['java'], alone.url))[0], pids: [ours.pid] },
  }
  try {
    for (const [what, line, bar] of [
      ['writing', `write /bench ${bytes} 1`, 1],
      ['reading', 'read /bench', 0.9],
    ]) {
      const cells = {}
      const speed = {}
      for (const [name, { peer, pids }] of Object.entries(sides)) {
        const { java: one } = await interleaved([peer], repeats, () => line, pids)
        speed[name] = one.count / gib / (one.wallMs / 1000)
        cells[name] =
          `${round(speed[name])} GiB/s, DataNode ${round((one.serverCpuMs / 1000) * (gib / one.count))} CPU-s/GiB`
      }
      const ratio = speed.ours / speed.java
      report(`DataNode: Java's client ${what} 1 GiB`, cells, [
        [`${round(ratio)} × Java's DataNode, bar ${bar} ×`, ratio >= bar],
      ])
    }
  } finally {
    await Promise.all(Object.values(sides).map(({ peer }) => peer.close()))
    await ours.stop()
    await Promise.all([javas.stop(), alone.stop()])
  }
}
