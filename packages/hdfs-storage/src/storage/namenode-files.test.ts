import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  formatCheckpointFileName,
  formatImageFileName,
  formatInProgressFileName,
  formatMd5File,
  formatSegmentFileName,
  parseMd5File,
  parseNameNodeFileName,
} from './namenode-files.ts'

test('[edits.file.1] file names have 19 digits and come back', () => {
  assert.equal(formatImageFileName(50), 'fsimage_0000000000000000050')
  assert.equal(formatCheckpointFileName(50), 'fsimage.ckpt_0000000000000000050')
  assert.equal(formatSegmentFileName(1, 50), 'edits_0000000000000000001-0000000000000000050')
  assert.equal(formatInProgressFileName(51), 'edits_inprogress_0000000000000000051')
  assert.deepEqual(parseNameNodeFileName(formatImageFileName(50)), { kind: 'image', txid: 50 })
  assert.deepEqual(parseNameNodeFileName(`${formatImageFileName(50)}.md5`), { kind: 'image-md5', txid: 50 })
  assert.deepEqual(parseNameNodeFileName(formatCheckpointFileName(7)), { kind: 'checkpoint', txid: 7 })
  assert.deepEqual(parseNameNodeFileName(formatSegmentFileName(1, 50)), {
    kind: 'segment',
    firstTxid: 1,
    lastTxid: 50,
  })
  assert.deepEqual(parseNameNodeFileName(formatInProgressFileName(51)), {
    kind: 'segment-in-progress',
    firstTxid: 51,
  })
})

test('other names are no part of the storage', () => {
  for (const name of [
    'VERSION',
    'seen_txid',
    'fsimage',
    'edits',
    'fsimage_rollback_0000000000000000005',
    'edits_1-',
  ]) {
    assert.equal(parseNameNodeFileName(name), undefined, name)
  }
  assert.equal(parseNameNodeFileName('edits_0000000000000000001-0000000000000000050.trash'), undefined)
})

test('[image.file.5] an md5 file is what md5sum prints', () => {
  const digest = '0bf636c6426badaa3ea758e890e1fe1e'
  const name = 'fsimage_0000000000000000050'
  assert.equal(formatMd5File(digest, name), `${digest} *${name}\n`)
  assert.deepEqual(parseMd5File(formatMd5File(digest, name)), { digest, fileName: name })
  assert.deepEqual(parseMd5File(`${digest.toUpperCase()}  x`), { digest, fileName: 'x' })
  assert.equal(parseMd5File('nothing'), undefined)
})
