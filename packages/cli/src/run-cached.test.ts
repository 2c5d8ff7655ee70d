import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const starter = fileURLToPath(new URL('../bin/run-cached.cjs', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'cairn-run-cached-'))
after(() => rmSync(dir, { recursive: true, force: true }))

const cache = join(dir, 'cairn', 'code')
const program = join(dir, 'program.cjs')

/** A program as the bundler leaves it: a hash, then the text. */
function write(text: string): void {
  const hash = createHash('sha256').update(text).digest('hex')
  writeFileSync(program, `// ${hash}\n${text}`)
}

function run(command: string, env: NodeJS.ProcessEnv = {}): string {
  const code = `require(${JSON.stringify(starter)}).runCached(${JSON.stringify(program)})`
  const done = spawnSync(process.execPath, ['-e', code, 'cairn', command], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: dir, ...env },
  })
  assert.equal(done.status, 0, done.stderr)
  return done.stdout
}

test('compiled code is kept in the user’s folder by command, used again, and dropped with its build', () => {
  write('importModule("node:os").then((os) => console.log(typeof os.EOL, process.argv[2]))')
  assert.equal(run('ls'), 'string ls\n')
  const [kept, ...others] = readdirSync(cache)
  assert.ok(kept !== undefined)
  assert.deepEqual([kept.slice(-3), others], ['-ls', []])
  assert.equal(statSync(cache).mode & 0o777, 0o700)
  const written = statSync(join(cache, kept)).mtimeMs
  assert.equal(run('ls'), 'string ls\n')
  assert.equal(statSync(join(cache, kept)).mtimeMs, written, 'it was good enough to be used')
  run('../put')
  assert.deepEqual(
    readdirSync(cache)
      .map((name) => name.slice(name.lastIndexOf('-')))
      .toSorted(),
    ['-ls', '-other'],
  )
  // As long as the one before: V8 alone could not tell them apart.
  write('importModule("node:os").then((os) => console.log(typeof os.EOL, process.argv[1]))')
  assert.equal(run('ls'), 'string cairn\n')
  assert.equal(readdirSync(cache).length, 1)
})

test('what is no compiled code is replaced; without a folder to keep it the program runs all the same', () => {
  write('console.log("here")')
  run('ls')
  const file = join(cache, readdirSync(cache)[0]!)
  writeFileSync(file, 'nothing that V8 wrote')
  assert.equal(run('ls'), 'here\n')
  assert.notEqual(readFileSync(file, 'latin1'), 'nothing that V8 wrote')
  assert.equal(run('ls', { XDG_CACHE_HOME: '/dev/null/x' }), 'here\n')
})
