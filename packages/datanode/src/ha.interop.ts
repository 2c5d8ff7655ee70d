/** Our DataNodes before a real HA pair of Apache Hadoop: they report to both NameNodes and obey the active one. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { freePort, type Hadoop, type HadoopNamenode, patternBytes, startHadoop } from '@cairn/testkit'
import { type DataNode, startDataNode } from './index.ts'
import { until } from './testing/until.ts'

const version = process.env.HADOOP_VERSION ?? '3.4.3'
const root = mkdtempSync(join(tmpdir(), 'cairn-dn-ha-'))
const blockSize = 256 * 1024
const patienceMs = 60_000

let hadoop: Hadoop
let client: HdfsClient
let active: HadoopNamenode
let standby: HadoopNamenode
const nodes: DataNode[] = []

function start(index: number): Promise<DataNode> {
  return startDataNode({
    namenode: hadoop.namenodes.map(({ host, port }) => ({ host, port })),
    dirs: [join(root, `dn${index}`)],
    heartbeatIntervalMs: 500,
  })
}

async function failover(): Promise<void> {
  await active.transition('Standby')
  await standby.transition('Active')
  ;[active, standby] = [standby, active]
}

/** The NameNode that each node obeys. */
function obeyed(): (string | undefined)[] {
  return nodes.map((node) => node.status().namenodes.find((namenode) => namenode.active)?.address)
}

function obeying(namenode: HadoopNamenode): Promise<unknown> {
  const address = `${namenode.host}:${namenode.port}`
  return until(`obedience to ${address}`, patienceMs, () => obeyed().every((found) => found === address))
}

/** How many replicas the active NameNode knows of every block of a file. */
async function replicas(path: string): Promise<number[]> {
  return (await client.blockLocations(path)).map(({ locatedBlock }) => locatedBlock.locs.length)
}

before(async () => {
  hadoop = await startHadoop({
    version,
    ha: true,
    lifeline: true,
    datanodes: 0,
    conf: { 'dfs.replication': '2', 'dfs.namenode.heartbeat.recheck-interval': '1000' },
  })
  ;[active, standby] = [hadoop.namenodes[0]!, hadoop.namenodes[1]!]
  for (const index of [0, 1]) nodes.push(await start(index))
  await Promise.all(nodes.map((node) => node.ready()))
  await obeying(active)
  client = await connect(hadoop.url, {
    confDir: hadoop.confDir,
    retryMs: patienceMs,
    safeModeWaitMs: patienceMs,
  })
})

after(async () => {
  await client?.close()
  await Promise.all(nodes.map((node) => node.close()))
  await hadoop?.stop()
  rmSync(root, { recursive: true, force: true })
})

test('both NameNodes know the blocks as soon as one is told; the new active one is obeyed', async () => {
  const bytes = patternBytes(3 * blockSize + 7)
  await client.writeFile('/both', bytes, { blockSize, replication: 2 })
  await failover()
  assert.deepEqual(await replicas('/both'), [2, 2, 2, 2])
  assert.deepEqual(await client.readFile('/both'), Buffer.from(bytes))
  await obeying(active)
  await client.rm('/both')
  const counted = () => nodes.map((node) => node.status().replicas.FINALIZED)
  await until('the deletion that the new active NameNode ordered', patienceMs, () =>
    counted().every((count) => count === 0),
  )
})

test('a block that is written during a failover is complete at the new active NameNode', async () => {
  const bytes = patternBytes(5 * blockSize)
  const handle = await client.open('/during', 'w', { blockSize, replication: 2 })
  await handle.write(bytes, 0, 1.5 * blockSize)
  await handle.hflush()
  await failover()
  await handle.write(bytes, 1.5 * blockSize, 1.5 * blockSize)
  await failover()
  await handle.write(bytes, 3 * blockSize)
  await handle.close()
  assert.deepEqual(await client.readFile('/during'), Buffer.from(bytes))
  assert.deepEqual(await replicas('/during'), [2, 2, 2, 2, 2])
})

test('the active NameNode is killed in the middle of a write; it comes back as standby and is told everything', async () => {
  const bytes = patternBytes(4 * blockSize)
  const handle = await client.open('/killed', 'w', { blockSize, replication: 2 })
  await handle.write(bytes, 0, 1.25 * blockSize)
  await handle.hsync()
  await active.kill()
  const writing = handle.write(bytes, 1.25 * blockSize)
  await standby.transition('Active')
  ;[active, standby] = [standby, active]
  await writing
  await handle.close()
  assert.deepEqual(await client.readFile('/killed'), Buffer.from(bytes))
  assert.deepEqual(await replicas('/killed'), [2, 2, 2, 2])
  await standby.restart()
  await until('both NameNodes served again', patienceMs, () =>
    nodes.every((node) => node.status().namenodes.every(({ state }) => state === 'serving')),
  )
  await obeying(active)
  await failover()
  // It leaves safe mode only when it knows the blocks.
  await client.writeFile('/after', bytes, { blockSize, replication: 2 })
  assert.deepEqual(await replicas('/killed'), [2, 2, 2, 2])
  const fsck = await hadoop.fsck('/')
  assert.match(fsck.stdout, /is HEALTHY/)
})

test('a DataNode that was away while the roles changed obeys the right one at once', async () => {
  await nodes[1]!.close()
  await failover()
  nodes[1] = await start(1)
  await nodes[1].ready()
  await obeying(active)
})

test('lifelines keep a DataNode alive whose heartbeats do not get through', async () => {
  const gate = await pausableProxy(active)
  const dirs = [join(root, 'late')]
  const late = await startDataNode({
    namenode: {
      host: '127.0.0.1',
      port: gate.port,
      lifeline: { host: '127.0.0.1', port: active.lifelinePort! },
    },
    dirs,
    heartbeatIntervalMs: 500,
    lifelineIntervalMs: 1_000,
  })
  try {
    await late.ready()
    gate.pause()
    const pausedMs = performance.now()
    // No heartbeat gets through: without lifelines the last contact would be as long ago as the pause.
    await until('contact long after the last heartbeat', patienceMs, async () => {
      const pausedForMs = performance.now() - pausedMs
      return pausedForMs > 7_000 && (await lastContactS(active, late.uuid)) * 1_000 < pausedForMs - 3_000
    })
    gate.resume()
  } finally {
    await late.close()
    gate.close()
  }
})

async function lastContactS(namenode: HadoopNamenode, uuid: string): Promise<number> {
  const url = `http://127.0.0.1:${namenode.httpPort}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo`
  const { beans } = (await (await fetch(url)).json()) as { beans: { LiveNodes: string }[] }
  const live = JSON.parse(beans[0]!.LiveNodes) as Record<string, { lastContact: number; uuid?: string }>
  const found = Object.values(live).find((node) => node.uuid === uuid)
  if (found) return found.lastContact
  // Older releases do not tell the uuid: the one that is quiet longest is meant.
  return Math.max(...Object.values(live).map((node) => node.lastContact))
}

/** Passes bytes to a NameNode, or holds them back. */
async function pausableProxy(namenode: HadoopNamenode) {
  const sockets = new Set<Socket>()
  let paused = false
  const server = createServer((near) => {
    const far = connectSocket(namenode.port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (paused) from.pause()
    }
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const all = (change: (socket: Socket) => void): void => {
    for (const socket of sockets) change(socket)
  }
  return {
    port,
    pause() {
      paused = true
      all((socket) => socket.pause())
    },
    resume() {
      paused = false
      all((socket) => socket.resume())
    },
    close() {
      all((socket) => socket.destroy())
      server.close()
    },
  }
}
