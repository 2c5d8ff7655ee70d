import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatImageFileName } from '@cairn/hdfs-storage'
import { seededRandom } from '@cairn/testkit'
import { findImageDamage, writeImageFile } from './image-files.ts'
import { SimulatedDisk, StoppedError } from './testing/simulated-disk.ts'

const pieces = [new Uint8Array(3000).fill(1), new Uint8Array(2000).fill(2)]

test('[edits.checkpoint.2] an image that has its name is whole and has its digest, wherever the power was cut', async () => {
  const random = seededRandom(11)
  let named = 0
  let at = 1
  for (let ended = true; ended; at++) {
    const disk = new SimulatedDisk()
    await disk.makeDirectory()
    disk.fault = { at: disk.operations + at, kind: 'stop' }
    ended = false
    try {
      await writeImageFile(disk, '/nn', 7, pieces)
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error
      ended = true
    }
    for (let round = 0; round < 20; round++) {
      const next = disk.afterPowerCut(random)
      const isNamed = next.get(`/nn/${formatImageFileName(7)}`) !== undefined
      assert.ok(isNamed || ended, 'a written image is lost')
      if (!isNamed) continue
      named++
      assert.equal(await findImageDamage(next, '/nn', 7), undefined)
    }
  }
  assert.ok(at > 8 && named > 20)
})
