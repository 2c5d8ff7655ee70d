import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapturedOutput } from '../io/output.ts'
import { Progress, progressLine } from './progress.ts'

const state = { label: 'a.bin', doneBytes: 512, totalBytes: 2048, doneFiles: 0, totalFiles: 1, rate: 512 }

test('progressLine shows bar, share, bytes, rate and time left', () => {
  const line = progressLine(state, 79)
  assert.match(line, /^a\.bin +\[#####\.{15}] {2}25% {2}512\/2 K {2}512\/s {2}0:03 left$/)
  assert.ok(line.length <= 79)
})

test('progressLine keeps to the width, with any label', () => {
  for (const width of [20, 40, 79, 200]) {
    for (const label of ['x', 'a'.repeat(300), '\x1b[2Jevil']) {
      const line = progressLine({ ...state, label, totalFiles: 12 }, width)
      assert.ok([...line].length <= width, `${line.length} > ${width}`)
      assert.ok(!line.includes('\x1b'))
    }
  }
})

test('progressLine without a total has neither bar nor time left', () => {
  assert.match(progressLine({ ...state, totalBytes: undefined }, 79), /a\.bin +512 {2}512\/s$/)
})

test('Progress is silent where there is no terminal', () => {
  const output = new CapturedOutput()
  const progress = new Progress(output)
  progress.plan(10)
  progress.begin('x')
  progress.add(10)
  progress.done()
  progress.end(true)
  assert.equal(output.text, '')
})

test('Progress leaves a finished line on a terminal', () => {
  let now = 0
  const output = new CapturedOutput(true)
  const progress = new Progress(output, () => now)
  progress.plan(1024)
  progress.begin('x')
  now = 1000
  progress.add(1024)
  progress.done()
  progress.end(true)
  assert.ok(output.text.endsWith('100%  1 K/1 K  1 K/s  0:00 left\x1b[K\n'))
})
