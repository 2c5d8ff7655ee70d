// What it costs not to be told which version of Hadoop RPC a server speaks, and what the generations cost version 9.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { RpcClient } from '@cairn/hadoop-ipc'
import { ClientNamenodeProtocol } from '@cairn/hadoop-proto'
import { clientProtocol, hdfsGenerations } from '@cairn/hdfs-protocol'
import { startHadoop } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { median, report, round } from '../report.mjs'
import { fastFolder, root } from '../setup.mjs'

const releases = [
  { version: '3.4.3', rpcVersion: 9, connections: 1 },
  { version: '2.0.0-alpha', rpcVersion: 7, connections: 2 },
  { version: '1.2.1', rpcVersion: 4, connections: 2 },
]

/** A client's first call, which `connect()` makes too: milliseconds, and connections made. */
async function firstCall(address, rpcVersion) {
  let connections = 0
  // With a dialler of its own a client begins without what others of the process have found.
  const connect = (to, signal) => {
    connections += 1
    return connectTcp({ ...to, signal })
  }
  const began = performance.now()
  const client = new RpcClient({ user: 'root', generations: hdfsGenerations, rpcVersion, connect })
  await client.call(address, clientProtocol.name, ClientNamenodeProtocol.getServerDefaults, {})
  const wallMs = performance.now() - began
  await client.close()
  return { wallMs, connections }
}

async function find({ version, rpcVersion, connections }, { scale }) {
  const hadoop = await startHadoop({ version, datanodes: 1, dir: fastFolder('find-version') })
  const { host, port } = hadoop
  const told = []
  const found = []
  let made = 0
  try {
    for (let trial = -20; trial < Math.max(20, 200 * scale); trial++) {
      const one = await firstCall({ host, port }, rpcVersion)
      const other = await firstCall({ host, port }, undefined)
      if (trial < 0) continue
      told.push(one.wallMs)
      found.push(other.wallMs)
      made = Math.max(made, other.connections)
    }
  } finally {
    await hadoop.stop()
  }
  const extraMs = median(found.map((ms, trial) => ms - told[trial]))
  report(
    `first call to Hadoop ${version} (RPC ${rpcVersion})`,
    { 'version given': `${round(median(told))} ms`, 'version found': `${round(median(found))} ms` },
    [
      [`${round(extraMs)} ms more, bar 20 ms`, extraMs <= 20],
      [`${made} connections, bar ${connections}`, made <= connections],
    ],
  )
}

/** `CAIRN_BEFORE`: a built checkout to compare with; both are loaded into one process and take turns. */
function compare({ repeats }) {
  const before = process.env.CAIRN_BEFORE
  if (before === undefined || !existsSync(before)) {
    console.error('left out: version 9 before the generations (CAIRN_BEFORE names a built checkout)')
    return
  }
  const script = join(root, 'benchmarks/rpc-before-after.mjs')
  const ratio = (first, second) => Number(execFileSync(process.execPath, [script, first, second]).toString())
  // What is loaded first runs in other memory than what is loaded second: both orders count.
  const ratios = Array.from({ length: repeats }, () => Math.sqrt(ratio(before, root) / ratio(root, before)))
  const speed = median(ratios)
  report(
    'version 9: getFileInfo, 32 in flight, with the generations in place',
    { before: 1, now: round(speed, 3) },
    [[`${round(speed, 3)} × before, bar 0.98 ×`, speed >= 0.98]],
  )
}

export async function run(options) {
  for (const release of releases) await find(release, options)
  compare(options)
}
