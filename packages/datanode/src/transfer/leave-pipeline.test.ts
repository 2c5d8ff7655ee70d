import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ReceiveBuffer } from '@cairn/bytes'
import { kernel } from '@cairn/checksum'
import {
  type DatanodeInfoProto,
  type ExtendedBlockProto,
  OpWriteBlockProto_BlockConstructionStage as Stage,
  Status,
} from '@cairn/hadoop-proto'
import {
  encodeOperation,
  encodePacketHead,
  type PipelineAck,
  takeBlockOpResponse,
  takePipelineAck,
  unknownSeqno,
} from '@cairn/hdfs-protocol'
import { patternBytes } from '@cairn/testkit'
import { type Connection, connectTcp } from '@cairn/transport'
import { emptyToken } from '../security/empty-token.ts'
import { TransferNode, testBlock, testPool } from '../testing/transfer-node.ts'

/** A client with one acknowledged packet in a block that it goes on writing. */
class Writer {
  readonly acks: PipelineAck[] = []
  readonly #input = new ReceiveBuffer({ maxBytes: 1 << 20 })
  readonly #connection: Connection
  /** The DataNode sends no more. */
  readonly ended: Promise<void>
  #answered = false
  #wake: () => void = () => {}

  private constructor(connection: Connection) {
    this.#connection = connection
    this.ended = new Promise((resolve) => {
      connection.start({
        input: this.#input,
        onReceive: () => this.#receive(),
        onEnd: resolve,
        onClose: () => resolve(),
      })
    })
  }

  static async open(
    first: TransferNode,
    block: ExtendedBlockProto,
    targets: DatanodeInfoProto[],
  ): Promise<Writer> {
    const writer = new Writer(await connectTcp({ host: '127.0.0.1', port: first.port }))
    const request = {
      header: { baseHeader: { block, token: emptyToken() }, clientName: 'test-client' },
      targets,
      stage: Stage.PIPELINE_SETUP_CREATE,
      pipelineSize: targets.length + 1,
      minBytesRcvd: 0n,
      maxBytesRcvd: 0n,
      latestGenerationStamp: block.generationStamp,
      requestedChecksum: { type: 2, bytesPerChecksum: 512 },
      targetStorageTypes: [],
      targetPinnings: [],
      targetStorageIds: [],
    }
    writer.#connection.write(encodeOperation('WRITE_BLOCK', request))
    writer.send(0)
    while (writer.acks.length === 0) await writer.#received()
    return writer
  }

  send(seqno: number): void {
    const data = patternBytes(512)
    const sums = new Uint8Array(4)
    kernel.compute('CRC32C', data, 512, sums)
    const header = {
      offsetInBlock: 512 * seqno,
      seqno,
      lastPacketInBlock: false,
      dataLen: 512,
      syncBlock: false,
    }
    this.#connection.write(encodePacketHead(header, sums))
    this.#connection.write(data)
  }

  close(): void {
    this.#connection.destroy()
  }

  #received(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #receive(): void {
    if (!this.#answered) {
      const answer = takeBlockOpResponse(this.#input)
      if (!answer) return
      assert.equal(answer.status, Status.SUCCESS)
      this.#answered = true
    }
    for (let ack = takePipelineAck(this.#input); ack; ack = takePipelineAck(this.#input)) this.acks.push(ack)
    this.#wake()
  }
}

const statuses = (ack: PipelineAck | undefined) => ack?.replies.map(({ status }) => status)

test('[xfer.ack.4] [xfer.recovery.4] a node that restarts says so behind its last acknowledgement, takes no more, and keeps the replica as RBW', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cairn-dn-restart-'))
  const node = await TransferNode.start({ dir })
  const writer = await Writer.open(node, testBlock(1n), [])
  const announced = node.server.announceRestart(Date.now() + 60_000)
  writer.send(1)
  await writer.ended
  assert.deepEqual(
    writer.acks.map(({ seqno }) => seqno),
    [0, unknownSeqno],
  )
  assert.deepEqual(statuses(writer.acks[1]), [Status.OOB_RESTART])
  writer.close()
  await announced
  assert.equal(node.store.find(1n)?.length, 512)
  await node.stop()
  // Java's name for it, colon included.
  const marker = join(dir, 'current', testPool.blockPoolId, 'current', 'rbw:.blk_1.restart')
  assert.ok(existsSync(marker))
  const again = await TransferNode.start({ dir })
  assert.equal(again.store.find(1n)?.state, 'RBW')
  assert.equal(again.store.find(1n)?.bytesAcked, 512)
  assert.ok(!existsSync(marker), 'the promise holds for one start')
  await again.stop()
  writeFileSync(marker, String(Date.now() - 1))
  const late = await TransferNode.start({ dir })
  assert.equal(late.store.find(1n)?.state, 'RWR')
  await late.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('[xfer.ack.5] the word of a node below that restarts is passed on', async () => {
  const [first, last] = await Promise.all([TransferNode.start(), TransferNode.start()])
  const writer = await Writer.open(first, testBlock(2n), [last.info])
  const announced = last.server.announceRestart(Date.now() + 60_000)
  while (writer.acks.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(writer.acks[1]!.seqno, unknownSeqno)
  assert.deepEqual(statuses(writer.acks[1]), [Status.SUCCESS, Status.OOB_RESTART])
  writer.close()
  await announced
  await Promise.all([first.stop(), last.stop()])
})

test('an evicted writer sees the end of the connection and nothing else; other operations go on', async () => {
  const node = await TransferNode.start()
  const writers = await Promise.all([3n, 4n].map((id) => Writer.open(node, testBlock(id), [])))
  const idle = await connectTcp({ host: '127.0.0.1', port: node.port })
  idle.start({ input: new ReceiveBuffer({ maxBytes: 1024 }), onReceive: () => {}, onClose: () => {} })
  assert.equal(node.server.evictWriters(), 2)
  assert.equal(node.server.evictWriters(), 0)
  for (const writer of writers) {
    await writer.ended
    assert.equal(writer.acks.length, 1)
    writer.close()
  }
  assert.equal(node.store.find(3n)?.state, 'RBW')
  assert.equal(idle.closed, false)
  idle.destroy()
  await node.stop()
})
