// Every implementation of Petrichor as client against every one as server, plain and over TLS: petrichor/interop/README.md.
//   node tools/petrichor-matrix.mjs [language…]
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, root } from './build.mjs'
import { buildC, petrichor, python, run } from './petrichor.mjs'

const limitMs = 30_000
const together = 3
const wanted = process.argv.slice(2)
build()
const peer = (name) => join(petrichor, 'interop', name)
const languages = {
  typescript: { command: [process.execPath, peer('peer.mjs')], tls: true },
  python: { command: [python(), peer('peer.py')], tls: true },
  ruby: { command: ['ruby', peer('peer.rb')], tls: true },
  c: { command: [join(buildC(), 'petri-interop')], tls: false },
  tnetstring3: { command: [python(), peer('peer-tnetstring3.py')], tls: true },
}
const names = Object.keys(languages).filter((name) => wanted.length === 0 || wanted.includes(name))
const work = mkdtempSync(join(tmpdir(), 'petrichor-matrix-'))
const [cert, key] = [join(work, 'cert.pem'), join(work, 'key.pem')]
run(
  'openssl',
  [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ].concat(
    ['-keyout', key, '-out', cert, '-subj', '/CN=localhost'],
    ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  ),
  { stdio: 'ignore' },
)

/** Whether a vector's value holds a float that is whole: ECMAScript has one kind of number and gives it back as `#`. */
function hasWholeFloat(value) {
  if (value === null || typeof value !== 'object') return false
  if (Array.isArray(value)) return value.some(hasWholeFloat)
  if ('f' in value) return Number.isInteger(Number(value.f))
  return 'dict' in value && value.dict.some(([, inner]) => hasWholeFloat(inner))
}

const { accept } = JSON.parse(readFileSync(join(petrichor, 'vectors', 'petrichor.json'), 'utf8'))
const cases = { all: join(work, 'all'), typescript: join(work, 'typescript') }
const lines = (some) => `${some.map(({ hex }) => hex).join('\n')}\n`
writeFileSync(cases.all, lines(accept))
writeFileSync(cases.typescript, lines(accept.filter(({ value }) => !hasWholeFloat(value))))

const servers = []
/** Starts a server and answers its port. */
function startServer(name, tls) {
  const [program, ...first] = languages[name].command
  const child = spawn(program, [...first, 'server', '0', ...(tls ? [cert, key] : [])], { cwd: root })
  servers.push(child)
  return new Promise((resolve, reject) => {
    let said = ''
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${name}'s server ended with ${code}: ${said}`)))
    child.stderr.on('data', (text) => {
      said += text
    })
    child.stdout.on('data', (text) => {
      said += text
      const port = /RUNNING \S+ (\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(port)
    })
  })
}

/** Runs a client to its end; answers what was wrong, if anything. */
function runClient(name, serverName, port, tls) {
  const [program, ...first] = languages[name].command
  const file = serverName === 'typescript' ? cases.typescript : cases.all
  const args = [...first, 'client', '127.0.0.1', port, file, ...(tls ? [cert] : [])]
  const child = spawn(program, args, { cwd: root, timeout: limitMs, killSignal: 'SIGKILL' })
  return new Promise((resolve) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        said += text
      })
    }
    child.on('error', (error) => resolve(String(error)))
    child.on('close', (code, signal) => {
      resolve(code === 0 && /^OK \d+$/m.test(said) ? undefined : `${said}ended with ${code ?? signal}`)
    })
  })
}

let passed = 0
const failures = []
try {
  const runs = []
  for (const tls of [false, true]) {
    const able = names.filter((name) => !tls || languages[name].tls)
    const ports = await Promise.all(able.map((name) => startServer(name, tls)))
    for (const [at, server] of able.entries()) {
      for (const client of able) runs.push({ client, server, port: ports[at], tls })
    }
  }
  const worker = async () => {
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      const fault = await runClient(next.client, next.server, next.port, next.tls)
      const title = `${next.client} -> ${next.server}${next.tls ? ' over TLS' : ''}`
      if (fault === undefined) passed++
      else failures.push(`${title}: ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: together }, worker))
} finally {
  for (const child of servers) {
    child.removeAllListeners('exit')
    child.kill()
  }
  rmSync(work, { recursive: true, force: true })
}
for (const failure of failures) console.error(failure)
console.log(`${passed} passed, ${failures.length} failed`)
process.exit(failures.length === 0 && passed > 0 ? 0 : 1)
