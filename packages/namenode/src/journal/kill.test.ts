import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { randomInteger, seededRandom } from '@cairn/testkit'
import { openNameNodeStorage } from './open-storage.ts'
import { namesOf } from './testing/journaled-namespace.ts'

const writer = fileURLToPath(new URL('./testing/journal-writer.js', import.meta.url))

/** Runs a writer, kills it once it acknowledged so many changes, and returns all that it acknowledged. */
async function acknowledgedBeforeKill(dir: string, changes: number): Promise<number[]> {
  const child = spawn(process.execPath, [writer, dir, '150'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.setEncoding('latin1').on('data', (piece: string) => {
    text += piece
    if (text.split('\n').length > changes + 1) child.kill('SIGKILL')
  })
  let errors = ''
  child.stderr.setEncoding('latin1').on('data', (piece: string) => {
    errors += piece
  })
  await once(child, 'close')
  assert.equal(child.signalCode, 'SIGKILL', `ended with code ${child.exitCode}: ${errors}`)
  // The last line may be cut; what it would have said was not acknowledged to anybody.
  return text.split('\n').slice(1, -1).map(Number)
}

test('a process killed again and again, also while it writes images, loses nothing it acknowledged', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'cairn-kill-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const random = seededRandom(11)
  const rounds = 5 * Number(process.env.CAIRN_TEST_SCALE ?? 1)
  const acknowledged = new Set<number>()
  for (let round = 0; round < rounds; round++) {
    for (const number of await acknowledgedBeforeKill(dir, 1 + randomInteger(random, 400)))
      acknowledged.add(number)
    const storage = await openNameNodeStorage({ dir, superuser: 'root', supergroup: 'supergroup' })
    const found = new Set(namesOf(storage.namespace))
    for (const number of acknowledged) assert.ok(found.has(number), `round ${round}: ${number} is lost`)
    assert.equal(Math.max(...found), found.size, 'changes without a gap')
    await storage.close()
  }
})
