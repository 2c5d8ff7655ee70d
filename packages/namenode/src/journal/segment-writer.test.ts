import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSegmentHeader, formatInProgressFileName } from '@cairn/hdfs-storage'
import { SegmentWriter } from './segment-writer.ts'
import { SimulatedDisk } from './testing/simulated-disk.ts'

test('[edits.sync.4] a new segment is its header and nothing else, until operations claim room behind it', async () => {
  const disk = new SimulatedDisk()
  await disk.makeDirectory()
  const writer = await SegmentWriter.create({
    fileSystem: disk,
    directory: '/nn',
    firstTxid: 1,
    preallocateBytes: 512,
  })
  const path = `/nn/${formatInProgressFileName(1)}`
  assert.deepEqual(disk.get(path), encodeSegmentHeader())
  await writer.write(Uint8Array.of(1, 2, 3))
  assert.equal(disk.get(path)!.length, 512)
  await writer.abandon()
})
