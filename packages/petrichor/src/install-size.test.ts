import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('the core packages take less than 100 KiB and depend on nothing else', () => {
  const program = fileURLToPath(new URL('../../../tools/check-install-size.mjs', import.meta.url))
  const done = spawnSync(process.execPath, [program], { encoding: 'utf8' })
  assert.equal(done.status, 0, done.stdout + done.stderr)
})
