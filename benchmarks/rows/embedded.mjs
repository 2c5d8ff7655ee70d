// How an embedded cluster feels: start to first byte, memory at rest, a cold command.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { startHadoop } from '../../packages/testkit/dist/index.js'
import { residentMiB } from '../peer-process.mjs'
import { median, report, round } from '../report.mjs'
import { startServer } from '../servers.mjs'
import { javaArgs, pythonWithHdfsNative, root } from '../setup.mjs'

/** Runs a command to its end; wall time in milliseconds. */
function timed(command, args, env = {}) {
  const start = performance.now()
  const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr.slice(-2000)}`)
  return { wallMs: performance.now() - start, stdout: done.stdout }
}

function startToFirstByte(repeats) {
  const ours = []
  const javas = []
  const java = javaArgs('MiniStart', 'minicluster')
  for (let run = 0; run < repeats; run++) {
    ours.push(Number(timed(process.execPath, [join(root, 'benchmarks/embedded-start.mjs')]).stdout))
    javas.push(Number(timed('java', java).stdout.trim().split('\n').at(-1)))
  }
  const [our, their] = [median(ours), median(javas)]
  report(
    'embedded cluster: start to first byte written',
    { cairn: `${round(our, 0)} ms`, MiniDFSCluster: `${round(their, 0)} ms` },
    [
      [`${round(our, 0)} ms, bar 300 ms`, our < 300],
      [`${round(their / our, 1)} × faster than MiniDFSCluster, bar 15 ×`, their / our >= 15],
    ],
  )
}

async function memory() {
  const hadoop = await startHadoop({ datanodes: 1, heap: '1g' })
  const cluster = await startServer('cluster', { datanodes: 1 })
  // Both at rest for a while: heartbeats have run, start-up garbage had its chance to go.
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const javas = residentMiB(hadoop.namenodeProcess.pid) + residentMiB(hadoop.datanodeProcesses[0].pid)
  const ours = residentMiB(cluster.pid)
  report(
    'resident memory, idle, NameNode + DataNode',
    { cairn: `${round(ours, 0)} MiB`, java: `${round(javas, 0)} MiB` },
    [[`${round(ours / javas)} × Java's, bar 0.25 ×`, ours / javas <= 0.25]],
  )
  await cluster.stop()
  return hadoop
}

function coldCommands(hadoop, repeats) {
  const env = { HADOOP_CONF_DIR: hadoop.confDir, HADOOP_USER_NAME: 'root' }
  const hdfsn = join(dirname(pythonWithHdfsNative()), 'hdfsn')
  const times = { cairn: [], 'hdfs dfs': [], hdfsn: [] }
  const shell = javaArgs().slice(0, -1)
  shell[shell.indexOf('-cp') + 1] += `:${hadoop.confDir}`
  for (let run = 0; run < repeats; run++) {
    times.cairn.push(timed(join(root, 'node_modules/.bin/cairn'), ['ls', '/'], env).wallMs)
    times['hdfs dfs'].push(timed('java', [...shell, 'org.apache.hadoop.fs.FsShell', '-ls', '/'], env).wallMs)
    times.hdfsn.push(timed(hdfsn, ['ls', '/'], env).wallMs)
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
  const cells = Object.fromEntries(Object.entries(medians).map(([name, ms]) => [name, `${round(ms, 0)} ms`]))
  report('cold `ls /`, whole process', cells, [
    [
      `${round(medians['hdfs dfs'] / medians.cairn, 1)} × faster than hdfs dfs, bar 8 ×`,
      medians['hdfs dfs'] >= 8 * medians.cairn,
    ],
    [
      `${round(medians.hdfsn / medians.cairn, 1)} × faster than hdfsn, bar 1 ×`,
      medians.hdfsn >= medians.cairn,
    ],
  ])
}

export async function run({ repeats }) {
  startToFirstByte(repeats)
  const hadoop = await memory()
  try {
    coldCommands(hadoop, repeats)
  } finally {
    await hadoop.stop()
  }
}
