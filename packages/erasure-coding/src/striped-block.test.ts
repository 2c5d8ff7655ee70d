import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  blockGroupId,
  internalBlockId,
  internalBlockLength,
  isStripedBlockId,
  unitOfBlockId,
} from './striped-block.ts'

test('[ec.id.1] the last four bits of a negative id number the unit', () => {
  const group = -9223372036854775792n
  for (let unit = 0; unit < 16; unit++) {
    const id = internalBlockId(group, unit)
    assert.equal(id, group + BigInt(unit))
    assert.equal(unitOfBlockId(id), unit)
    assert.equal(blockGroupId(id), group)
    assert.ok(isStripedBlockId(id))
  }
  assert.ok(!isStripedBlockId(1073741825n))
})

/** Deals out the cells of the group one by one. */
function dealt(groupBytes: number, cellSize: number, dataUnits: number): number[] {
  const lengths = Array.from({ length: dataUnits }, () => 0)
  for (let at = 0, unit = 0; at < groupBytes; at += cellSize, unit = (unit + 1) % dataUnits) {
    lengths[unit]! += Math.min(cellSize, groupBytes - at)
  }
  return lengths
}

test('[ec.length.1] units are as long as the cells that they hold; parity as the first one', () => {
  for (let groupBytes = 0; groupBytes < 70; groupBytes++) {
    for (const dataUnits of [1, 2, 3, 6]) {
      const lengths = dealt(groupBytes, 5, dataUnits)
      lengths.forEach((length, unit) => {
        assert.equal(internalBlockLength(groupBytes, 5, dataUnits, unit), length)
      })
      assert.equal(internalBlockLength(groupBytes, 5, dataUnits, dataUnits), lengths[0])
      assert.equal(internalBlockLength(groupBytes, 5, dataUnits, dataUnits + 1), lengths[0])
    }
  }
})
