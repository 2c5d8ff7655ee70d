// Does it stay fast when it grows? Rates with 1,000,000 files against 1,000, and a client that reads 100 files.
import { residentMiB } from '../peer-process.mjs'
import { interleaved, report, round } from '../report.mjs'
import { startServer } from '../servers.mjs'
import { startPeers } from '../setup.mjs'

const rate = ({ count, wallMs }) => count / (wallMs / 1000)

async function rates(peer, repeats, tag) {
  const stats = await interleaved([peer], repeats, () => 'stat /fill-0/f1 20000 32')
  const touched = await interleaved([peer], repeats, (_, run) => `touch /${tag}-${run} 2000 32`)
  return { stat: rate(stats.cairn), create: rate(touched.cairn) }
}

async function namespace({ repeats, scale }) {
  const server = await startServer('namenode')
  const [peer] = await startPeers(['cairn'], `hdfs://${server.host}:${server.port}`)
  await peer.job('touch /fill-0 1000 256')
  const small = await rates(peer, repeats, 'small')
  const folders = Math.round(100 * scale)
  for (let folder = 1; folder < folders; folder++) await peer.job(`touch /fill-${folder} 10000 256`)
  const large = await rates(peer, repeats, 'large')
  const files = 1000 + (folders - 1) * 10_000
  for (const what of ['stat', 'create']) {
    const ratio = large[what] / small[what]
    const cells = {
      'at 1,000 files': `${round(small[what], 0)}/s`,
      [`at ${files} files`]: `${round(large[what], 0)}/s`,
    }
    report(`growth: ${what === 'stat' ? 'getFileInfo' : 'create + close'}`, cells, [
      [`${round(ratio)} ×, bar 0.9 ×`, ratio >= 0.9],
    ])
  }
  report('NameNode memory', { [`at ${files} files`]: `${round(residentMiB(server.pid), 0)} MiB` })
  await peer.close()
  await server.stop()
}

async function manyFiles() {
  const cluster = await startServer('cluster', { datanodes: 1 })
  const [peer] = await startPeers(['cairn'], cluster.url)
  await peer.job('mkdirs /many 1 1')
  for (let file = 0; file < 100; file++) await peer.job(`write /many/${file} ${16 << 20} 1`)
  const sizes = []
  for (let round = 0; round < 3; round++) {
    await peer.job('readmany /many 100')
    sizes.push(residentMiB(peer.pid, 'VmHWM'))
  }
  report(
    'a client that reads 100 files at once, peak memory',
    { rounds: sizes.map((mib) => `${round(mib, 0)} MiB`).join(', ') },
    [
      [`${round(Math.max(...sizes), 0)} MiB, bar 300 MiB`, Math.max(...sizes) < 300],
      [`flat: ${round(sizes[2] / sizes[0])} × after three rounds`, sizes[2] / sizes[0] < 1.2],
    ],
  )
  await peer.close()
  await cluster.stop()
}

export async function run(options) {
  await namespace(options)
  await manyFiles()
}
