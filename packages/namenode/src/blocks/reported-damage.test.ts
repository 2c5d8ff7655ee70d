import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { datanodeInfo } from '../datanodes/datanode-info.ts'
import { coreWithDatanodes, writeFile } from '../testing/core-with-datanodes.ts'
import { locatedBlock } from './located-blocks.ts'
import { markDamaged } from './reported-damage.ts'

function damagedFile() {
  const { core, storages, ...cluster } = coreWithDatanodes(2)
  // A volume that the DataNode names first and that has nothing of the block.
  const { datanode } = storages[0]!
  datanode.storages.clear()
  for (const storage of [datanode.storage('DS-empty'), storages[0]!])
    datanode.storages.set(storage.storageId, storage)
  writeFile({ core, storages, ...cluster }, '/f', [100])
  const [block] = [...core.namespace.blocks.values()]
  assert.ok(block)
  return { manager: core.blocks, block, storages }
}

describe('a damaged replica', () => {
  it('is found by its storage', () => {
    const { manager, block, storages } = damagedFile()
    markDamaged(manager, [locatedBlock(manager, block, 0, [storages[0]!])])
    assert.equal(manager.liveCount(block), 0)
  })

  it('is found by its DataNode where no storage is named', () => {
    const { manager, block, storages } = damagedFile()
    const located = locatedBlock(manager, block, 0, [])
    markDamaged(manager, [{ ...located, locs: [datanodeInfo(storages[0]!.datanode)] }])
    assert.equal(manager.liveCount(block), 0)
  })

  it('is none where the DataNode has no replica', () => {
    const { manager, block, storages } = damagedFile()
    markDamaged(manager, [locatedBlock(manager, block, 0, [storages[1]!])])
    assert.equal(manager.liveCount(block), 1)
  })
})
