// Data transfer in clusters that check block tokens or encrypt: Java's NameNode, one Java DataNode and two of ours in
// every pipeline, both clients. CAIRN_SECURITY_MODES names the kinds of cluster, see `modes`; CAIRN_SECURITY_MINUTES
// adds a proof of so many minutes with keys that roll and tokens that expire every minute.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Status } from '@cairn/hadoop-proto'
import { BlockReadError, DatanodeConnections, datanodeAddress, openBlockReader } from '@cairn/hdfs-block-io'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { missingForHadoop, patternBytes } from '@cairn/testkit'
import type { DataTransferSecurityOptions } from './index.ts'
import { emptyToken } from './security/empty-token.ts'
import { MixedCluster } from './testing/mixed-cluster.ts'

interface Mode {
  readonly conf: Readonly<Record<string, string>>
  readonly security: DataTransferSecurityOptions
}

const tokens = { 'dfs.block.access.token.enable': 'true' }
const encrypted = { ...tokens, 'dfs.encrypt.data.transfer': 'true' }
const aes = { 'dfs.encrypt.data.transfer.cipher.suites': 'AES/CTR/NoPadding' }
const algorithm = 'dfs.encrypt.data.transfer.algorithm'

const modes: Readonly<Record<string, Mode>> = {
  tokens: { conf: tokens, security: {} },
  'protobuf-tokens': {
    conf: { ...tokens, 'dfs.block.access.token.protobuf.enable': 'true' },
    security: { protobufTokens: true },
  },
  '3des': { conf: { ...encrypted, [algorithm]: '3des' }, security: { encrypt: true, algorithm: '3des' } },
  rc4: { conf: { ...encrypted, [algorithm]: 'rc4' }, security: { encrypt: true, algorithm: 'rc4' } },
  aes: { conf: { ...encrypted, ...aes }, security: { encrypt: true, aesKeyBits: 128 } },
  'aes-256': {
    conf: { ...encrypted, ...aes, 'dfs.encrypt.data.transfer.cipher.key.bitlength': '256' },
    security: { encrypt: true, aesKeyBits: 256 },
  },
}

const missing = missingForHadoop()
const chosen = (process.env.CAIRN_SECURITY_MODES ?? 'tokens,aes').split(',')
const minutes = Number(process.env.CAIRN_SECURITY_MINUTES ?? 0)
const everyMinute = { 'dfs.block.access.key.update.interval': '1', 'dfs.block.access.token.lifetime': '1' }
const large = patternBytes(3_300_001)
const small = patternBytes(70_000)

for (const name of chosen) {
  describe(`a cluster with ${name}`, { skip: missing ?? false }, () => run(modes[name]!))
}

function run(mode: Mode): void {
  let cluster: MixedCluster
  let client: HdfsClient

  before(async () => {
    cluster = await MixedCluster.start({
      ours: 2,
      theirs: 1,
      conf: minutes > 0 ? { ...mode.conf, ...everyMinute } : mode.conf,
      options: () => ({ security: mode.security }),
    })
    client = await connect(cluster.hadoop.url, {
      confDir: false,
      user: 'root',
      blockSize: 1 << 20,
      conf: { ...mode.conf, 'dfs.replication': 3 },
    })
    writeFileSync(join(cluster.root, 'large'), large)
    writeFileSync(join(cluster.root, 'small'), small)
  })

  after(async () => {
    await client?.close()
    await cluster?.close()
  })

  const file = (name: string): string => join(cluster.root, name)
  async function bothRead(path: string, content: Uint8Array): Promise<void> {
    assert.deepEqual(await client.readFile(path), Buffer.from(content), 'as ours reads it')
    await cluster.assertContent(path, content)
  }

  test("Java's client writes and appends through pipelines of ours and Java's", async () => {
    await cluster.fs('-put', file('large'), '/java')
    await bothRead('/java', large)
    await cluster.healthy('/java', 3)
    await cluster.fs('-appendToFile', file('small'), '/java')
    await bothRead('/java', Buffer.concat([large, small]))
    await cluster.healthy('/java', 3)
  })

  test('our client writes and appends', async () => {
    await client.writeFile('/ours', large)
    // Who has not reported its replica yet takes no part in an append, and is left with an old one.
    await cluster.healthy('/ours', 3)
    await client.appendFile('/ours', small)
    await bothRead('/ours', Buffer.concat([large, small]))
    await cluster.healthy('/ours', 3)
  })

  test('replicas are copied between DataNodes, both ways', async () => {
    for (let index = 0; index < 4; index++) {
      await cluster.fs('-D', 'dfs.replication=1', '-put', file('small'), `/copied${index}`)
    }
    await cluster.fs('-setrep', '3', '/copied0', '/copied1', '/copied2', '/copied3')
    for (let index = 0; index < 4; index++) {
      await cluster.healthy(`/copied${index}`, 3)
      await bothRead(`/copied${index}`, small)
    }
  })

  test('checksums of files are equal, whoever asks', async () => {
    const java = await cluster.fs('-checksum', '/java')
    const again = await cluster.fs('-checksum', '/ours')
    assert.equal(java.split('\t')[2], again.split('\t')[2])
  })

  test('a pipeline that loses one of ours goes on, and its blocks find a third place again', async () => {
    const file = await client.open('/broken', 'w')
    await file.write(large.subarray(0, 1_500_000))
    await file.sync()
    await cluster.ours[1]!.kill9()
    await file.write(large.subarray(1_500_000))
    await file.close()
    await bothRead('/broken', large)
    await cluster.ours[1]!.start()
    await cluster.healthy('/broken', 3, 90_000)
  })

  test('[sasl.handshake.2] [token.check.5] a reader without a token, or without login, is refused by ours as by Java', async () => {
    if (mode.security.encrypt) {
      // Nobody is even asked for a token.
      const closed = (error: unknown) => error instanceof BlockReadError && error.kind === 'closed'
      await eachReplica(closed)
      return
    }
    await eachReplica(
      (error) =>
        error instanceof BlockReadError &&
        error.kind === 'token' &&
        error.status === Status.ERROR_ACCESS_TOKEN,
    )
  })

  test('[token.key.2] keys roll while files are open', { skip: minutes === 0 }, async () => {
    const endMs = performance.now() + minutes * 60_000
    await client.writeFile('/long', large)
    const reader = await client.open('/long', 'r')
    const writer = await client.open('/growing', 'w')
    let written = 0
    for (let round = 0; performance.now() < endMs; round++) {
      const { buffer } = await reader.read(Buffer.alloc(1000), 0, 1000, (round * 70_001) % 3_000_000)
      const from = (round * 70_001) % 3_000_000
      assert.deepEqual(buffer, Buffer.from(large.subarray(from, from + 1000)))
      await writer.write(small)
      await writer.sync()
      written += small.length
      await cluster.fs('-put', '-f', file('small'), `/short${round % 3}`)
      await bothRead(`/short${round % 3}`, small)
      await setTimeout(5_000)
    }
    await reader.close()
    await writer.close()
    assert.equal((await client.stat('/growing')).size, written)
    await cluster.fs('-setrep', '-w', '2', '/long')
    await cluster.fs('-setrep', '-w', '3', '/long')
    await bothRead('/long', large)
    await cluster.healthy('/', undefined)
  })

  async function eachReplica(refused: (error: unknown) => boolean): Promise<void> {
    const request = { src: '/java', offset: 0n, length: 1n }
    const [located] = (await client.call('getBlockLocations', request)).locations!.blocks
    const connections = new DatanodeConnections()
    for (const node of located!.locs) {
      const asked = openBlockReader({
        connections,
        block: located!.b,
        token: emptyToken(),
        datanode: datanodeAddress(node),
        offset: 0,
        length: 10,
        clientName: 'nobody',
      })
      await assert.rejects(asked, refused)
    }
    await connections.close()
  }
}
