import assert from 'node:assert/strict'
import { readFile, truncate, unlink, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { HdfsClient } from '@cairn/hdfs-client'
import { patternBytes } from '@cairn/testkit'
import type { Cluster } from '../cluster.ts'
import {
  firstBlock,
  flipBit,
  replicaFiles,
  sha256,
  until,
  untilReplicated,
  withCluster,
} from './test-support/fault-support.ts'

/** Several packets, and a last chunk that is not full. */
const content = patternBytes(700_001)

/** One way to damage a replica on the disk. */
interface Damage {
  readonly name: string
  do(files: { data: string; meta: string }): Promise<void>
}

const damages: readonly Damage[] = [
  { name: 'a bit flipped in the block file', do: ({ data }) => flipBit(data, 400_000) },
  { name: 'a bit flipped in the last chunk', do: ({ data }) => flipBit(data, content.length - 1) },
  { name: 'a bit flipped among the checksums', do: ({ meta }) => flipBit(meta, 7 + 4 * 100 + 1) },
  { name: 'a bit flipped in the meta file’s header', do: ({ meta }) => flipBit(meta, 2) },
  { name: 'a meta file of garbage', do: ({ meta }) => writeFile(meta, patternBytes(5000, 7)) },
  { name: 'the meta file of another block', do: ({ meta }) => giveOtherSums(meta) },
  { name: 'an empty meta file', do: ({ meta }) => truncate(meta, 0) },
  { name: 'a meta file cut short', do: ({ meta }) => truncate(meta, 2000) },
  { name: 'no meta file', do: ({ meta }) => unlink(meta) },
  { name: 'a block file cut short', do: ({ data }) => truncate(data, 300_000) },
  { name: 'an empty block file', do: ({ data }) => truncate(data, 0) },
  { name: 'no block file', do: ({ data }) => unlink(data) },
]

/** A sound header, and checksums of other bytes. */
async function giveOtherSums(meta: string): Promise<void> {
  const bytes = await readFile(meta)
  bytes.set(patternBytes(bytes.length - 7, 99), 7)
  await writeFile(meta, bytes)
}

/** Damages the replica that a reader is sent to first. */
async function damageNearest(
  damage: Damage,
  cluster: Cluster,
  client: HdfsClient,
  dir: string,
  path: string,
): Promise<{ victim: number; blockId: bigint }> {
  const { blockId, datanodes } = await firstBlock(client, cluster, path)
  const victim = datanodes[0]!
  const { data, meta } = await replicaFiles(dir, victim, blockId)
  assert.ok(data && meta)
  await damage.do({ data, meta })
  return { victim, blockId }
}

for (const { datanodes, replication } of [
  { datanodes: 3, replication: 2 },
  { datanodes: 3, replication: 3 },
]) {
  test(`a damaged replica is read around, reported and replaced: ${replication} of ${datanodes}`, () =>
    withCluster({ datanodes }, async (cluster, dir) => {
      await Promise.all(damages.map((damage) => replaced(damage, cluster, dir, replication)))
    }))
}

async function replaced(damage: Damage, cluster: Cluster, dir: string, replication: number): Promise<void> {
  // Each has a client of its own, because a client stays away from a DataNode that has broken off a read.
  const client = await cluster.connect({ replication })
  try {
    const path = `/${damage.name}`
    await client.writeFile(path, content)
    await untilReplicated(cluster, client, path, replication)
    const { victim, blockId } = await damageNearest(damage, cluster, client, dir, path)
    await goodReplicasOnly(cluster, client, dir, path, replication, damage.name)
    const { datanodes } = await firstBlock(client, cluster, path)
    if (datanodes.includes(victim)) return
    await until(`the bad files are gone: ${damage.name}`, async () => {
      const { data } = await replicaFiles(dir, victim, blockId)
      return data === undefined
    })
  } finally {
    await client.close()
  }
}

/** Waits until the NameNode tells of enough replicas, and each of them has the right bytes on its disk. */
async function goodReplicasOnly(
  cluster: Cluster,
  client: HdfsClient,
  dir: string,
  path: string,
  count: number,
  name: string,
): Promise<void> {
  await until(`${count} sound replicas: ${name}`, async () => {
    // Readers are sent to any replica: sooner or later one meets the bad one, which is then found out.
    assert.equal(sha256(await client.readFile(path)), sha256(content), name)
    const { blockId, datanodes } = await firstBlock(client, cluster, path)
    if (datanodes.length !== count) return false
    for (const datanode of datanodes) {
      const { data, meta } = await replicaFiles(dir, datanode, blockId)
      if (data === undefined || meta === undefined) return false
      const stored = await readFile(data).catch(() => undefined)
      if (stored === undefined || sha256(stored) !== sha256(content)) return false
      const sums = await readFile(meta).catch(() => undefined)
      if (sums?.length !== 7 + 4 * Math.ceil(content.length / 512)) return false
    }
    const { namenode } = await cluster.status()
    return namenode.corruptBlocks === 0
  })
}

test('two replicas with damage in different places still give every byte', () =>
  withCluster(
    { datanodes: 2, conf: { 'dfs.namenode.redundancy.interval.seconds': '1h' } },
    async (cluster, dir) => {
      const client = await cluster.connect({ replication: 2 })
      try {
        await client.writeFile('/both', content)
        await untilReplicated(cluster, client, '/both', 2)
        const { blockId } = await firstBlock(client, cluster, '/both')
        for (const [datanode, position] of [200_000, 500_000].entries()) {
          await flipBit((await replicaFiles(dir, datanode, blockId)).data!, position)
        }
        assert.equal(sha256(await client.readFile('/both')), sha256(content))
      } finally {
        await client.close()
      }
    },
  ))

test('with one replica damage is an error, and never wrong bytes', () =>
  withCluster({ datanodes: 1 }, async (cluster, dir) => {
    const client = await cluster.connect()
    try {
      await Promise.all(
        damages.map(async (damage, index) => {
          const path = `/single-${index}`
          await client.writeFile(path, content)
          await damageNearest(damage, cluster, client, dir, path)
          await assert.rejects(client.readFile(path), (error: NodeJS.ErrnoException) => {
            assert.equal(error.code, 'EIO', damage.name)
            const wanted = /flipped in the block|flipped in the last|flipped among|of another/.test(
              damage.name,
            )
              ? /1 with wrong checksums.*does not (fit|match)/s
              : /none of the \d replicas|no replica/
            assert.match(error.message, wanted, damage.name)
            return true
          })
        }),
      )
      const { namenode } = await cluster.status()
      assert.equal(namenode.files, damages.length)
      await client.writeFile('/healthy', content)
      assert.equal(sha256(await client.readFile('/healthy')), sha256(content))
    } finally {
      await client.close()
    }
  }))
