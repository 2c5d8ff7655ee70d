import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { OpWriteBlockProto_BlockConstructionStage as Stage } from '@cairn/hadoop-proto'
import { encodeOperation } from '@cairn/hdfs-protocol'
import { connectTcp } from '@cairn/transport'
import { TransferNode, testBlock } from '../testing/transfer-node.ts'
import { emptyToken } from './send-replica.ts'

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
    encodeOperation('WRITE_BLOCK', {
      header: { baseHeader: { block, token: emptyToken() }, clientName: 'test-client' },
      targets: [],
      stage: Stage.PIPELINE_SETUP_CREATE,
      pipelineSize: 1,
      minBytesRcvd: 0n,
      maxBytesRcvd: 0n,
      latestGenerationStamp: block.generationStamp,
      requestedChecksum: { type: 1, bytesPerChecksum: 0xffff_ffff },
      targetStorageTypes: [],
      targetPinnings: [],
      targetStorageIds: [],
    }),
  )
  await connection.done
  assert.equal(input.length, 0)
  assert.match(reasons.join('\n'), /4294967295|-1/)
  assert.equal(node.store.find(1n), undefined)
  await node.stop()
})
