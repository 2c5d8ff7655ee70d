import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterLines, startOfLastLines } from './lines.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('afterLines finds where lines end', () => {
  assert.deepEqual(afterLines(bytes('a\nb\nc'), 2), { end: 4, found: 2 })
  assert.deepEqual(afterLines(bytes('a\nb\nc'), 3), { end: 5, found: 2 })
  assert.deepEqual(afterLines(bytes(''), 1), { end: 0, found: 0 })
})

test('startOfLastLines looks back as far as it must', async () => {
  const long = 'x'.repeat(70_000)
  const cases: [text: string, lines: number, expected: string][] = [
    ['a\nb\nc\n', 1, 'c\n'],
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 1, 'c'],
    ['a\nb\nc', 9, 'a\nb\nc'],
    ['a', 1, 'a'],
    ['\n', 1, '\n'],
    ['\n\n', 1, '\n'],
    ['', 1, ''],
    ['a\nb\n', 0, ''],
    [`a\n${long}\n${long}\n`, 1, `${long}\n`],
    [`a\n${long}\n${long}\n`, 2, `${long}\n${long}\n`],
    [`${long}${long}`, 1, `${long}${long}`],
  ]
  for (const [text, lines, expected] of cases) {
    const all = bytes(text)
    const read = async (buffer: Uint8Array, position: number) => {
      const part = all.subarray(position, position + Math.min(buffer.length, 1000))
      buffer.set(part)
      return part.length
    }
    const start = await startOfLastLines(read, all.length, lines)
    assert.equal(text.slice(start), expected, `${text.slice(0, 20)} ${lines}`)
  }
})
