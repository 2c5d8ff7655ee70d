import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { patternBytes } from '@cairn/testkit'
import { CrcFile, crcPath } from './crc-file.ts'

let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cairn-crc-'))
})
after(() => rm(dir, { recursive: true, force: true }))

test('the file is Java’s, however the bytes come', async () => {
  const data = patternBytes(512 * 5 + 77)
  const expected = [Buffer.from('crc\0\0\0\x02\0', 'latin1')]
  for (let at = 0; at < data.length; at += 512) {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(data.subarray(at, at + 512)))
    expected.push(sum)
  }
  for (const part of [1, 7, 511, 512, 513, 1500, data.length]) {
    const file = new CrcFile()
    for (let at = 0; at < data.length; at += part) file.add(data.subarray(at, at + part))
    const path = join(dir, `file-${part}`)
    await file.write(path)
    assert.equal(crcPath(path), join(dir, `.file-${part}.crc`))
    assert.deepEqual(await readFile(crcPath(path)), Buffer.concat(expected), `parts of ${part}`)
  }
})

test('an empty file has the header alone', async () => {
  const path = join(dir, 'empty')
  await new CrcFile().write(path)
  assert.equal((await readFile(crcPath(path))).length, 8)
})
