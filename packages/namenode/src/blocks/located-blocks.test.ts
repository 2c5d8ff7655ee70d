import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lookup } from '../namespace/path.ts'
import {
  type CoreWithDatanodes,
  coreWithDatanodes,
  createFile,
  nextBlock,
  writeFile,
} from '../testing/core-with-datanodes.ts'
import { locateBlocks } from './located-blocks.ts'

function located({ core }: CoreWithDatanodes, path: string, offset: number, length: number) {
  const file = lookup(core.namespace, path)
  assert.equal(file?.kind, 'file')
  return locateBlocks(core.blocks, file, offset, length, '127.0.0.1')
}

const offsets = (answer: ReturnType<typeof located>): number[] =>
  answer.blocks.map(({ offset }) => Number(offset))

describe('blocks of a range of a file', () => {
  const cluster = coreWithDatanodes(1)
  writeFile(cluster, '/f', [100, 100, 50])

  it('gives the blocks that cover it', () => {
    assert.deepEqual(offsets(located(cluster, '/f', 0, 1000)), [0, 100, 200])
    assert.deepEqual(offsets(located(cluster, '/f', 99, 2)), [0, 100])
    assert.deepEqual(offsets(located(cluster, '/f', 100, 100)), [100])
  })

  it('gives at least one block, unless the offset is at the end', () => {
    assert.deepEqual(offsets(located(cluster, '/f', 100, 0)), [100])
    assert.deepEqual(offsets(located(cluster, '/f', 250, 10)), [])
    const answer = located(cluster, '/f', 250, 10)
    assert.equal(answer.fileLength, 250n)
    assert.equal(answer.lastBlock?.offset, 200n)
    assert.ok(answer.isLastBlockComplete)
  })

  it('has none of an empty file', () => {
    writeFile(cluster, '/empty', [])
    const answer = located(cluster, '/empty', 0, 10)
    assert.deepEqual([answer.blocks, answer.lastBlock, answer.fileLength], [[], undefined, 0n])
  })
})

describe('blocks of a file that is being written', () => {
  const cluster = coreWithDatanodes(1)
  createFile(cluster, '/open')
  const first = nextBlock(cluster, '/open', undefined)

  it('counts the first block though its length is not known', () => {
    const answer = located(cluster, '/open', 0, 1000)
    assert.deepEqual(offsets(answer), [0])
    assert.equal(answer.fileLength, 0n)
    assert.equal(answer.blocks[0]?.locs.length, 1)
    assert.deepEqual([answer.underConstruction, answer.isLastBlockComplete], [true, false])
  })

  it('leaves the last block out of the length, not out of the list', () => {
    const written = { ...first, numBytes: 100 }
    cluster.core.blocks.addReplica(cluster.storages[0]!, cluster.core.namespace.blocks.get(first.id)!)
    nextBlock(cluster, '/open', written)
    const answer = located(cluster, '/open', 0, 1000)
    assert.deepEqual(offsets(answer), [0, 100])
    assert.equal(answer.fileLength, 100n)
    assert.equal(answer.lastBlock?.offset, 100n)
  })
})
