import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeadNodes } from './dead-nodes.ts'

test('DeadNodes remembers a failure for a minute, and forgets it when the node serves again', () => {
  let now = 0
  const nodes = new DeadNodes(() => now)
  nodes.add('a')
  nodes.add('b')
  now = 59_999
  assert.deepEqual([nodes.has('a'), nodes.has('b'), nodes.has('c')], [true, true, false])
  nodes.delete('a')
  assert.equal(nodes.has('a'), false)
  now = 60_001
  assert.equal(nodes.has('b'), false)
})

test('DeadNodes holds a bounded number, the newest', () => {
  const nodes = new DeadNodes(() => 0)
  for (let index = 0; index <= 10_000; index += 1) nodes.add(`n${index}`)
  assert.deepEqual([nodes.has('n0'), nodes.has('n1'), nodes.has('n10000')], [false, true, true])
})
