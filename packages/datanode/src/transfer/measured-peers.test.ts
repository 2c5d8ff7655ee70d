import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { OpWriteBlockProto_BlockConstructionStage as Stage } from '@cairn/hadoop-proto'
import { DatanodeConnections, openBlockWriter } from '@cairn/hdfs-block-io'
import { patternBytes } from '@cairn/testkit'
import { PeerLatencies } from '../namenode/peer-latencies.ts'
import { emptyToken } from '../security/empty-token.ts'
import { TransferNode, testBlock } from '../testing/transfer-node.ts'

const connections = new DatanodeConnections()
const nodes: TransferNode[] = []
after(async () => {
  await connections.close()
  await Promise.all(nodes.map((node) => node.stop()))
})

/** Keeps what it is told. */
class Kept extends PeerLatencies {
  readonly samples: [string, number][] = []

  constructor() {
    super({ now: () => 0 })
  }

  override add(peer: string, latencyMs: number): void {
    this.samples.push([peer, latencyMs])
  }
}

test('the last but one node of a pipeline measures the last one, nobody else measures [dnp.slow.1]', async () => {
  const kept = [new Kept(), new Kept(), new Kept()]
  for (const peerLatencies of kept) nodes.push(await TransferNode.start({ context: { peerLatencies } }))
  const pipeline = nodes.map(({ info }, index) => ({ ...info, id: { ...info.id, infoPort: 9_000 + index } }))
  const data = patternBytes(3_000_001)
  const block = testBlock(1n, 1001n, 8 << 20)
  const writer = await openBlockWriter({
    connections,
    block,
    token: emptyToken(),
    pipeline,
    stage: Stage.PIPELINE_SETUP_CREATE,
    clientName: 'test-client',
    checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
  })
  await writer.write(data)
  await writer.close()
  assert.deepEqual(Buffer.from(nodes[2]!.bytes(block.blockId)), Buffer.from(data))
  const [first, second, third] = kept
  assert.deepEqual([first!.samples, third!.samples], [[], []])
  assert.ok(second!.samples.length > 0)
  for (const [peer, latencyMs] of second!.samples) {
    assert.equal(peer, '127.0.0.1:9002')
    assert.ok(latencyMs >= 0 && latencyMs < 60_000)
  }
})
