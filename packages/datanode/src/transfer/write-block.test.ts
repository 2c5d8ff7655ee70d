import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import {
  type DatanodeInfoProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
} from '@cairn/hadoop-proto'
import { encodeOperation, encodePacketHead, takeBlockOpResponse, takePipelineAck } from '@cairn/hdfs-protocol'
import { patternBytes } from '@cairn/testkit'
import { connectTcp } from '@cairn/transport'
import { emptyToken } from '../security/empty-token.ts'
import { TransferNode, testBlock } from '../testing/transfer-node.ts'
import { sendReplica } from './send-replica.ts'

function writeRequest(
  block: ReturnType<typeof testBlock>,
  targets: DatanodeInfoProto[],
  requestedChecksum: { type: number; bytesPerChecksum: number },
) {
  return {
    header: { baseHeader: { block, token: emptyToken() }, clientName: 'test-client' },
    targets,
    stage: Stage.PIPELINE_SETUP_CREATE,
    pipelineSize: targets.length + 1,
    minBytesRcvd: 0n,
    maxBytesRcvd: 0n,
    latestGenerationStamp: block.generationStamp,
    requestedChecksum,
    targetStorageTypes: [],
    targetPinnings: [],
    targetStorageIds: [],
  }
}

test('[xfer.write.7] the first node of a pipeline verifies too: a bad packet is refused there and not passed on', async () => {
  const [first, last] = await Promise.all([TransferNode.start(), TransferNode.start()])
  const block = testBlock(3n)
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  const connection = await connectTcp({ host: '127.0.0.1', port: first.port })
  connection.start({ input, onReceive: () => {}, onClose: () => {} })
  const request = writeRequest(block, [last.info], { type: 2, bytesPerChecksum: 512 })
  connection.write(encodeOperation('WRITE_BLOCK', request))
  const data = patternBytes(512)
  const sums = new Uint8Array(4)
  kernel.compute('CRC32C', data, 512, sums)
  for (const seqno of [0, 1]) {
    const offsetInBlock = 512 * seqno
    const header = { offsetInBlock, seqno, lastPacketInBlock: false, dataLen: 512, syncBlock: false }
    // The second packet is not what its checksum says.
    connection.write(encodePacketHead(header, sums.slice()))
    connection.write(data.map((byte, at) => (seqno === 1 && at === 7 ? byte ^ 1 : byte)))
  }
  await connection.done
  assert.equal(takeBlockOpResponse(input)?.status, Status.SUCCESS)
  const statuses = () => takePipelineAck(input)?.replies.map(({ status }) => status)
  assert.deepEqual(statuses(), [Status.SUCCESS, Status.SUCCESS])
  assert.deepEqual(statuses(), [Status.ERROR_CHECKSUM])
  assert.equal(last.store.find(3n)?.length, 512)
  await Promise.all([first.stop(), last.stop()])
})

test('a checksum that no writer can make costs the connection, without an answer', async () => {
  const reasons: string[] = []
  const say = (fields: object) => reasons.push(String(Reflect.get(fields, 'error')))
  const logger = { debug: say, info: say, warn: say, error: say }
  const node = await TransferNode.start({ context: { logger } })
  const block = testBlock(1n)
  const input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  const connection = await connectTcp({ host: '127.0.0.1', port: node.port })
  connection.start({ input, onReceive: () => {}, onClose: () => {} })
  connection.write(
    encodeOperation('WRITE_BLOCK', writeRequest(block, [], { type: 1, bytesPerChecksum: 0xffff_ffff })),
  )
  await connection.done
  assert.equal(input.length, 0)
  assert.match(reasons.join('\n'), /4294967295|-1/)
  assert.equal(node.store.find(1n), undefined)
  await node.stop()
})

test('a damaged copy from another node is told of, and what follows it is not taken for an operation', async () => {
  const warnings: string[] = []
  const say = (fields: object, message: string) => {
    warnings.push(`${message} ${Reflect.get(fields, 'error')}`)
  }
  const logger = { debug: () => {}, info: () => {}, warn: say, error: say }
  const [source, target] = await Promise.all([
    TransferNode.start(),
    TransferNode.start({ context: { logger } }),
  ])
  const block = testBlock(2n)
  const writer = source.store.createRbw({
    ...block,
    expectedBytes: 300_000,
    storageType: undefined,
    checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
  })
  writer.addComputed(0, patternBytes(300_000))
  writer.flush()
  source.store.finalize(writer.replica)
  writer.close()
  source.flip(2n, 'data', 1000)
  await sendReplica(source.context, source.store.find(2n)!, {
    blockPoolId: block.poolId,
    targets: [target.info],
    targetStorageTypes: [],
    targetStorageIds: [],
    clientName: '',
    stage: Stage.PIPELINE_SETUP_CREATE,
  }).catch(() => {
    // Whether the sender sees it depends on how much it had left to send.
  })
  await target.until(`corrupt 2 at port ${source.info.id.xferPort}`)
  assert.equal(
    warnings.filter((line) => line.includes('does not follow the data transfer protocol')).length,
    0,
  )
  await Promise.all([source.stop(), target.stop()])
})
