// Cairn's servers as processes of their own, so that their CPU time and memory can be told from the client's.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './setup.mjs'

/** Starts `benchmarks/server-process.mjs` in a role; resolves with its first line of output as JSON. */
export async function startServer(role, options = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), `cairn-bench-${role}-`))
  const script = join(root, 'benchmarks/server-process.mjs')
  const child = spawn(process.execPath, [script, role, JSON.stringify({ ...options, dir })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const { value, done } = await lines.next()
  if (done) throw new Error(`${role} ended before it was ready`)
  return {
    ...JSON.parse(value),
    pid: child.pid,
    dir,
    async stop() {
      child.stdin.end()
      await new Promise((resolve) => child.once('exit', resolve))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
