import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runPool } from './pool.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('runPool does every item once and keeps to the limit', async () => {
  async function* items() {
    for (let i = 0; i < 20; i++) yield i
  }
  let running = 0
  let most = 0
  const done: number[] = []
  await runPool(items(), 3, async (item) => {
    most = Math.max(most, ++running)
    await turn()
    running--
    done.push(item)
  })
  assert.equal(most, 3)
  assert.deepEqual(
    done.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i),
  )
})

test('runPool stops at the first rejection and waits for what is under way', async () => {
  let ended = 0
  const started: number[] = []
  const work = async (item: number) => {
    started.push(item)
    if (item === 1) throw new Error('one')
    await turn()
    ended++
  }
  await assert.rejects(runPool([0, 1, 2, 3, 4, 5], 2, work), { message: 'one' })
  assert.equal(ended, started.length - 1)
  assert.ok(started.length < 6)
})
