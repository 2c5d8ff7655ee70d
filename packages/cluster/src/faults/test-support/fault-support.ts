import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { HdfsClient } from '@cairn/hdfs-client'
import type { Cluster } from '../../cluster.ts'
import type { ClusterOptions } from '../../cluster-options.ts'
import type { Logger } from '../../logger.ts'
import { startCluster } from '../../start-cluster.ts'

/** Hadoop's settings for a cluster that notices faults within a second instead of minutes. */
export const hasty: Readonly<Record<string, string>> = {
  'dfs.heartbeat.interval': '100ms',
  'dfs.namenode.heartbeat.recheck-interval': '1000',
  'dfs.namenode.redundancy.interval.seconds': '100ms',
}

/** Starts a cluster in a directory of its own, hands it to `work` and takes it away, whatever happens. */
export async function withCluster(
  options: Omit<ClusterOptions, 'dir' | 'memory'>,
  work: (cluster: Cluster, dir: string) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cairn-faults-'))
  try {
    const cluster = await startCluster({ ...options, dir, conf: { ...hasty, ...options.conf } })
    try {
      await work(cluster, dir)
    } finally {
      await cluster.close()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Looks again and again until `look` gives something; after `limitMs` fails with what it was waiting for. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 12_000,
): Promise<T> {
  const giveUpAt = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > giveUpAt) assert.fail(`waited ${limitMs} ms for ${what}`)
    await delay(10)
  }
}

/** One line of a log. */
export interface LogLine {
  readonly level: string
  readonly fields: Record<string, unknown>
  readonly message: string
}

/** A logger that keeps what it is told. */
export function listeningLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message })
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}

/** A short name of bytes that differs when they do. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The first block of a file: its number, and the index (from 0) of the DataNodes that are said to have it. */
export async function firstBlock(
  client: HdfsClient,
  cluster: Cluster,
  path: string,
): Promise<{ blockId: bigint; datanodes: number[]; corrupt: boolean }> {
  const [location] = await client.blockLocations(path)
  assert.ok(location, `${path} has no block`)
  const { b, locs, corrupt } = location.locatedBlock
  return { blockId: b.blockId, datanodes: locs.map(({ id }) => datanodeAt(cluster, id.xferPort)), corrupt }
}

function datanodeAt(cluster: Cluster, port: number): number {
  const index = cluster.datanodes.findIndex(({ address }) => address.port === port)
  assert.ok(index >= 0, `no DataNode on port ${port}`)
  return index
}

/** Paths of a replica's two files on a DataNode (from 0); undefined for what is not there. */
export async function replicaFiles(
  dir: string,
  datanode: number,
  blockId: bigint,
): Promise<{ data: string | undefined; meta: string | undefined }> {
  const root = join(dir, `datanode-${datanode + 1}`)
  const names = await readdir(root, { recursive: true })
  const path = (pattern: RegExp) => {
    const found = names.find((name) => pattern.test(name))
    return found && join(root, found)
  }
  return {
    data: path(new RegExp(`/blk_${blockId}$`)),
    meta: path(new RegExp(`/blk_${blockId}_\\d+\\.meta$`)),
  }
}

/** Turns one bit of a file over. */
export async function flipBit(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const byte = new Uint8Array(1)
    const { bytesRead } = await file.read(byte, 0, 1, position)
    assert.equal(bytesRead, 1, `${path} has no byte ${position}`)
    byte[0]! ^= 0x10
    await file.write(byte, 0, 1, position)
  } finally {
    await file.close()
  }
}

/** Waits until the NameNode has nothing to complain of and the file's first block has `count` replicas. */
export async function untilReplicated(
  cluster: Cluster,
  client: HdfsClient,
  path: string,
  count: number,
): Promise<void> {
  let found: unknown
  try {
    await until('replicas', async () => {
      const { namenode } = await cluster.status()
      const { underReplicatedBlocks, corruptBlocks, missingBlocks } = namenode
      const { datanodes, corrupt, blockId } = await firstBlock(client, cluster, path)
      found = { underReplicatedBlocks, corruptBlocks, missingBlocks, datanodes, corrupt, blockId }
      const calm = underReplicatedBlocks + corruptBlocks + missingBlocks === 0
      return calm && !corrupt && datanodes.length === count
    })
  } catch (error) {
    throw new Error(`wait for ${count} good replicas of ${path}: found ${inspect(found)}`, { cause: error })
  }
}
