import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeDirectories } from './make-directories.ts'

const root = mkdtempSync(join(tmpdir(), 'cairn-conf-'))
after(() => rmSync(root, { recursive: true }))

test('directories are made down to the one that is named, and what is there stays', () => {
  const path = join(root, 'a', 'b', 'c')
  makeDirectories(path)
  makeDirectories(path)
  assert.ok(statSync(path).isDirectory())
})

test('a file in the way is an error', () => {
  writeFileSync(join(root, 'file'), '')
  assert.throws(() => makeDirectories(join(root, 'file')), { code: 'EEXIST' })
  assert.throws(() => makeDirectories(join(root, 'file', 'below')), { code: /ENOTDIR|EEXIST/ })
})

test('a parent that takes no directories is an error, at once', { skip: !existsSync('/proc/self') }, () => {
  assert.throws(() => makeDirectories('/proc/no-such-process/data'), { code: 'ENOENT' })
})
