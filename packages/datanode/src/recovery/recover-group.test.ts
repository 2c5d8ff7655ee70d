import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeLength } from './recover-group.ts'

const cell = 64
const stripe = 3 * cell

test('a group ends with the last stripe that as many internal blocks hold as there are data units', () => {
  // Sorted: 200 200 130 70 10 bytes; the third longest holds two whole cells.
  assert.equal(safeLength([130, 200, 10, 200, 70], cell, 3), 2 * stripe)
  assert.equal(safeLength([128, 128, 128], cell, 3), 2 * stripe)
  assert.equal(safeLength([128, 128, 127], cell, 3), stripe)
})

test('less than one stripe is nothing', () => {
  assert.equal(safeLength([64, 64, 63, 1, 1], cell, 3), 0)
})
