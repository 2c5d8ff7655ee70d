import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FilesInWriting } from './files-in-writing.ts'
import { Block } from './values.ts'

const access = { read: () => Promise.reject(new Error()), write: () => Promise.reject(new Error()) }

function block(blockId: bigint): Block {
  return new Block(access, {
    b: { poolId: 'BP', blockId, generationStamp: 1n },
    offset: 0n,
    locs: [],
    corrupt: false,
    blockToken: { identifier: new Uint8Array(), password: new Uint8Array(), kind: '', service: '' },
    isCached: [],
    storageTypes: [],
    storageIDs: [],
    blockTokens: [],
  })
}

test('a block that was abandoned is not the one before the next', () => {
  const files = new FilesInWriting()
  files.created('/f', 'me', 7n)
  files.added('/f', 'me', block(1n))
  files.abandoned('/f', 'me', 1n)
  assert.equal(files.last('/f', 'me'), undefined)
  files.added('/f', 'me', block(2n))
  files.added('/f', 'me', block(3n))
  files.abandoned('/f', 'me', 2n)
  files.abandoned('/f', 'you', 3n)
  assert.equal(files.last('/f', 'me')?.blockId, 3n)
  files.abandoned('/f', 'me', 3n)
  assert.equal(files.last('/f', 'me')?.blockId, 2n)
  assert.equal(files.fileId('/f', 'me'), 7n)
  files.completed('/f', 'me')
  assert.equal(files.fileId('/f', 'me'), 0n)
})
