import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pump } from './pump.ts'

function source(bytes: Uint8Array, piece: number) {
  let at = 0
  return async (buffer: Uint8Array) => {
    const count = Math.min(piece, buffer.length, bytes.length - at)
    buffer.set(bytes.subarray(at, at + count))
    at += count
    return count
  }
}

test('pump copies every byte, whatever the pieces', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
  for (const piece of [1, 7, 64, 1000]) {
    const got: number[] = []
    let told = 0
    const copied = await pump(source(bytes, piece), async (part) => void got.push(...part), {
      bufferBytes: 64,
      onBytes: (count) => {
        told += count
      },
    })
    assert.equal(copied, 1000)
    assert.equal(told, 1000)
    assert.deepEqual(Uint8Array.from(got), bytes)
  }
})

test('pump of nothing is nothing', async () => {
  assert.equal(
    await pump(
      async () => 0,
      async () => assert.fail('nothing to write'),
    ),
    0,
  )
})

test('a failing write waits for the read ahead and rejects with the write’s error', async () => {
  let reads = 0
  let settled = false
  const read = async () => {
    reads++
    if (reads === 1) return 1
    await new Promise((resolve) => setImmediate(resolve))
    settled = true
    throw new Error('late read')
  }
  const write = async () => {
    throw new Error('disk full')
  }
  await assert.rejects(pump(read, write), { message: 'disk full' })
  assert.ok(settled)
})

test('pump ends at an abort with its reason', async () => {
  const controller = new AbortController()
  const write = async () => controller.abort(new Error('stop'))
  await assert.rejects(
    pump(async () => 1, write, { signal: controller.signal }),
    { message: 'stop' },
  )
})
