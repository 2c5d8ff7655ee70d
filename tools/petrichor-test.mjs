// Tests of Petrichor in Python, Ruby and C, the specification's code, and the matrix between all of them.
//   node tools/petrichor-test.mjs [python] [ruby] [c] [fuzz] [spec] [matrix] [bench]        default: all but bench
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.mjs'
import { buildC, petrichor, python, run } from './petrichor.mjs'

/** The vectors as inputs of the fuzz target: two bytes of its own, then the case. */
function writeSeeds(folder) {
  mkdirSync(folder, { recursive: true })
  const { accept, lenient, reject, streams } = JSON.parse(
    readFileSync(join(petrichor, 'vectors', 'petrichor.json'), 'utf8'),
  )
  const cases = [...accept, ...lenient, ...reject].map(({ hex }) => Buffer.from(hex, 'hex'))
  for (const { ascii, hex } of streams)
    cases.push(Buffer.from(ascii ?? hex, ascii === undefined ? 'hex' : 'ascii'))
  for (const [at, bytes] of cases.entries()) {
    writeFileSync(join(folder, String(at)), Buffer.concat([Buffer.from([at, at * 7]), bytes]))
  }
  return folder
}

/** The two samples in C, as somebody would try them. */
async function talkInC(folder) {
  const server = spawn(join(folder, 'echo-server'), ['0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [said] = await once(server.stdout, 'data')
    const client = [
      join(folder, 'echo-client'),
      ['127.0.0.1', /RUNNING \S+ (\d+)/.exec(String(said))[1], 'zed'],
    ]
    const talk = spawnSync(...client, { input: 'hello\nworld\n', encoding: 'utf8', timeout: 30_000 })
    if (talk.stdout !== 'CONNECTED WELCOME\n> hello\n> world\n> ')
      throw new Error(`echo-client: ${talk.stdout}`)
  } finally {
    server.kill()
  }
}

const parts = {
  python() {
    run(python(), ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], { cwd: join(petrichor, 'python') })
    run(python(), ['-m', 'mypy', '--cache-dir=/dev/null'], { cwd: join(petrichor, 'python') })
  },
  ruby() {
    const all = 'Dir["test/*_test.rb"].each { |file| require File.expand_path(file) }'
    run('ruby', ['-Ilib', '-Itest', '-e', all], { cwd: join(petrichor, 'ruby') })
  },
  async c() {
    run('ctest', ['--output-on-failure'], { cwd: buildC('gcc') })
    await talkInC(buildC('gcc'))
    // Leaks are looked for where the system lets the sanitizer look; what matters here is memory read and written.
    run('ctest', ['--output-on-failure'], { cwd: buildC('gcc', ['-DPETRI_SANITIZE=ON']) })
  },
  fuzz() {
    const folder = buildC('clang')
    const seeds = writeSeeds(join(root, '.cache', 'petrichor', 'seeds'))
    const corpus = join(root, '.cache', 'petrichor', 'corpus')
    mkdirSync(corpus, { recursive: true })
    const runs = process.env.PETRI_FUZZ_RUNS ?? '100000'
    run(join(folder, 'petri-fuzz'), [`-runs=${runs}`, '-max_len=700', '-verbosity=0', corpus, seeds])
    console.log(`fuzz: ${runs} runs`)
  },
  spec() {
    run(process.execPath, [join(root, 'tools', 'petrichor-spec.mjs')])
  },
  matrix() {
    run(process.execPath, [join(root, 'tools', 'petrichor-matrix.mjs')])
  },
  bench() {
    run(python(), [join(petrichor, 'c', 'bench', 'compare.py'), join(buildC('gcc'), 'petri-bench')])
  },
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0)
  throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`)
for (const name of asked.length > 0 ? asked : Object.keys(parts).filter((part) => part !== 'bench')) {
  console.log(`--- petrichor: ${name}`)
  await parts[name]()
}
