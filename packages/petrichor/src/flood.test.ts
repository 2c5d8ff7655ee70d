import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** 60 in full: `PETRICHOR_FLOOD_SECONDS=60`. */
const seconds = process.env.PETRICHOR_FLOOD_SECONDS ?? '3'

test(`a server that is flooded with garbage for ${seconds} s serves a good peer all along`, async () => {
  const program = fileURLToPath(new URL('../../../tools/petrichor-flood.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, '--seconds', seconds], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(code, 0, said)
  assert.match(said, /requests of the good peer answered/)
})
