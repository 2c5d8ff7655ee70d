import assert from 'node:assert/strict'
import type { HdfsClient } from '@cairn/hdfs-client'
import { patternBytes } from '@cairn/testkit'
import type { Cluster } from '../../cluster.ts'
import { firstBlock, sha256, until, untilReplicated, withCluster } from './fault-support.ts'

const mebi = 1024 * 1024
const content = patternBytes(12 * mebi + 345)
/** A client notices a silent DataNode after this; a DataNode its silent neighbour as well. */
const silenceMs = 2000

/** Three DataNodes, each a process of its own, and a client that does not wait long. */
export interface Deaths {
  readonly cluster: Cluster
  readonly client: HdfsClient
}

/** Starts three DataNodes in processes of their own for `work`, whose client speaks this version of Hadoop RPC. */
export function withDeaths(work: (deaths: Deaths) => Promise<void>, rpcVersion = 9): Promise<void> {
  const conf = { 'dfs.client.socket-timeout': `${silenceMs}ms` }
  return withCluster({ datanodes: 3, processes: true, conf, rpc: [9, rpcVersion] }, async (cluster) => {
    const client = await cluster.connect({
      rpcVersion,
      dataTimeoutMs: silenceMs,
      connectTimeoutMs: silenceMs,
    })
    try {
      await work({ cluster, client })
    } finally {
      await client.close()
    }
  })
}

/** How a DataNode leaves. */
export type Blow = 'SIGKILL' | 'SIGSTOP'

/** Kills or stops a DataNode; the answer waits until it is back, by the supervisor's hand or by SIGCONT. */
function strike(cluster: Cluster, datanode: number, blow: Blow): () => Promise<void> {
  const { pid } = cluster.datanodes[datanode]!
  process.kill(pid, blow)
  return async () => {
    if (blow === 'SIGSTOP') process.kill(pid, 'SIGCONT')
    else
      await until(`DataNode ${datanode + 1} is started again`, () => cluster.datanodes[datanode]!.pid !== pid)
    const from = performance.now()
    await until('a heartbeat of all three DataNodes', async () => {
      const { datanodes } = await cluster.status()
      const heard = datanodes.filter(({ lastContactMs }) => lastContactMs < performance.now() - from - 50)
      return heard.length === 3
    })
  }
}

/** Reads a file whose DataNodes are struck one after the other under the reader, until one is left. */
export async function readOver(deaths: Deaths, replication: number, blow: Blow): Promise<void> {
  const { cluster, client } = deaths
  const path = `/read-${replication}-${blow}`
  await client.writeFile(path, content, { replication })
  const handle = await client.open(path)
  const got = Buffer.alloc(content.length)
  let count = (await handle.read(got, 0, 100_000)).bytesRead
  const { datanodes } = await firstBlock(client, cluster, path)
  const revive = datanodes.slice(0, -1).map((datanode) => strike(cluster, datanode, blow))
  while (count < got.length) {
    count += (await handle.read(got, count, Math.min(2 * mebi, got.length - count))).bytesRead
  }
  assert.equal(sha256(got), sha256(content))
  await handle.close()
  await Promise.all(revive.map((again) => again()))
  await untilReplicated(cluster, client, path, replication)
}

/** When which node of a pipeline is struck. */
export interface WriteCase {
  readonly replication: number
  /** Place in the pipeline. */
  readonly place: number
  /** Bytes written before the blow. */
  readonly before: number
  readonly hflush: boolean
  readonly blow: Blow
}

/** Every phase of a write, every place in the pipeline. */
const setUp: WriteCase[] = [
  { replication: 3, place: 0, before: 0, hflush: false, blow: 'SIGKILL' },
  { replication: 2, place: 1, before: 0, hflush: false, blow: 'SIGKILL' },
]
const midStream: WriteCase[] = [
  { replication: 3, place: 0, before: 3 * mebi, hflush: false, blow: 'SIGKILL' },
  { replication: 3, place: 1, before: 3 * mebi + 100, hflush: true, blow: 'SIGKILL' },
  { replication: 3, place: 2, before: 5 * mebi, hflush: false, blow: 'SIGKILL' },
  { replication: 2, place: 0, before: 2 * mebi, hflush: true, blow: 'SIGKILL' },
  { replication: 2, place: 1, before: 2 * mebi, hflush: false, blow: 'SIGKILL' },
]
const atTheEnd: WriteCase[] = [
  { replication: 3, place: 0, before: content.length, hflush: false, blow: 'SIGKILL' },
  { replication: 3, place: 2, before: content.length, hflush: true, blow: 'SIGKILL' },
  { replication: 2, place: 1, before: content.length, hflush: true, blow: 'SIGKILL' },
]
const silent: WriteCase[] = [
  { replication: 3, place: 0, before: 3 * mebi, hflush: true, blow: 'SIGSTOP' },
  { replication: 3, place: 1, before: 3 * mebi, hflush: true, blow: 'SIGSTOP' },
  { replication: 2, place: 1, before: 3 * mebi, hflush: true, blow: 'SIGSTOP' },
  { replication: 3, place: 2, before: content.length, hflush: true, blow: 'SIGSTOP' },
]

/** Writes with a blow in every phase. */
export const writeCases: Readonly<Record<string, readonly WriteCase[]>> = {
  setUp,
  midStream,
  atTheEnd,
  silent,
}

/** Writes a file whose pipeline loses a node, reads it back and waits until it has all its replicas again. */
export async function writeOver(deaths: Deaths, path: string, one: WriteCase): Promise<void> {
  const { cluster, client } = deaths
  const { replication, place, before, hflush, blow } = one
  const told = JSON.stringify({ path, ...one })
  const handle = await client.open(path, 'w', { replication, blockSize: 8 * mebi })
  if (before > 0) await handle.write(content, 0, before)
  if (hflush) await handle.hflush()
  let victim = place
  if (before > 0) {
    const locations = await until(`a block of ${path}`, async () => {
      const found = await client.blockLocations(path)
      return found.length > 0 && found
    })
    // Without hflush the NameNode may not have heard of every node yet.
    const { locs } = locations.at(-1)!.locatedBlock
    const node = locs[place] ?? locs.at(-1)!
    victim = cluster.datanodes.findIndex(({ address }) => address.port === node.id.xferPort)
  }
  const revive = strike(cluster, victim, blow)
  if (before < content.length) await handle.write(content, before, content.length - before)
  await handle.close()
  const got = await client.readFile(path)
  assert.equal(got.length, content.length, told)
  assert.equal(sha256(got), sha256(content), told)
  await revive()
  await untilReplicated(cluster, client, path, replication)
}
