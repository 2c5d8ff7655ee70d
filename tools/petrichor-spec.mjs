// Extracts the programs of petrichor/spec from its text and runs them: on the vectors, and each against the others.
// Every ```typescript, ```python and ```c block of the chapters, in their order, belongs to the program of its language.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { resolveLimits } from '../packages/petrichor/dist/limits.js'
import { MessageReader } from '../packages/petrichor/dist/reader.js'
import { bin, root } from './build.mjs'
import { petrichor, python, run } from './petrichor.mjs'

const spec = join(petrichor, 'spec')
const work = join(root, '.cache', 'petrichor', 'spec')
const limitMs = 30_000
const talked = ['false YOU ARE NOT ON THE LIST', 'true WELCOME', '5 true', '0 true', '100000 true', ''].join(
  '\n',
)

const chapters = readdirSync(spec)
  .filter((name) => /^\d-.*\.md$/.test(name))
  .sort()
  .map((name) => readFileSync(join(spec, name), 'utf8'))
  .join('\n')

function program(language) {
  const blocks = [...chapters.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
  if (blocks.length === 0) throw new Error(`no ${language} in the specification`)
  return blocks.map(([, code]) => code).join('\n')
}

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
const file = (name) => join(work, name)
writeFileSync(file('petri.ts'), program('typescript'))
writeFileSync(file('petri.py'), program('python'))
writeFileSync(file('petri.c'), program('c'))
const options = { extends: '../../../tsconfig.base.json', include: ['*.ts'] }
options.compilerOptions = {
  composite: false,
  declaration: false,
  declarationMap: false,
  outDir: 'out',
  rootDir: '.',
}
writeFileSync(file('tsconfig.json'), JSON.stringify(options))
writeFileSync(file('package.json'), '{ "type": "module" }')
run(bin('tsc'), ['-p', work])
const warnings = ['-std=c11', '-O1', '-g', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined']
run('gcc', [...warnings, '-o', file('petri'), file('petri.c')])

const programs = {
  typescript: [process.execPath, file('out/petri.js')],
  python: [python(), file('petri.py')],
  c: [file('petri')],
}
const faults = []
let passed = 0
const judge = (what, holds, said) => {
  if (holds) passed++
  else faults.push(`${what}: ${said}`)
}

/** Every rule that the chapters name is one of the protocol documents. */
function checkRules() {
  const rule = /\[((?:tns|petri)(?:\.[a-z-]+)+\.\d+)\]/g
  const documents = ['tnetstrings.md', 'petrichor.md'].map((name) => join(root, 'docs', 'protocols', name))
  const known = new Set(documents.flatMap((path) => readFileSync(path, 'utf8').match(rule) ?? []))
  const named = chapters.replace(/\]\s+\[/g, '] [').match(rule) ?? []
  for (const name of new Set(named)) judge(`rule ${name}`, known.has(name), 'no document has it')
}

/** The conversations in the text: each line that begins with C or S is messages, and nothing else. */
function checkConversations() {
  const all = `${chapters}\n${readFileSync(join(spec, 'README.md'), 'utf8')}`
  for (const [line, bytes] of all.matchAll(/^[CS] {2}(\S.*)$/gm)) {
    const reader = new MessageReader({ limits: resolveLimits() })
    let fault
    try {
      reader.push(new TextEncoder().encode(bytes))
      while (reader.next() !== undefined);
      reader.end()
    } catch (error) {
      fault = error.message
    }
    judge(line, fault === undefined, fault)
  }
}

/** Lines for the command `vectors`. The programs of the text know neither `strict` nor more than 256 keys. */
function vectorLines() {
  const { accept, lenient, reject } = JSON.parse(
    readFileSync(join(petrichor, 'vectors', 'petrichor.json'), 'utf8'),
  )
  const lines = [...accept, ...lenient].map(({ hex }) => `+${hex}`)
  return {
    text: [...lines, ...reject.map(({ hex }) => `-${hex}`)].join('\n'),
    count: lines.length + reject.length,
  }
}

function startServer([command, ...first]) {
  const child = spawn(command, [...first, 'serve', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`a server ended with ${code}`)))
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
      const port = /RUNNING (\d+)\n/.exec(said)?.[1]
      if (port !== undefined) resolve({ child, port })
    })
  })
}

/** A stranger who sends a byte a second is still there after this long, or not. */
const handshakeMs = 10_000
function drip(server, port) {
  return new Promise((resolve) => {
    const began = performance.now()
    const socket = connect(port, '127.0.0.1')
    const timer = setInterval(() => socket.write('1'), 1000)
    socket.write('0:}50:')
    socket.on('error', () => {}).resume()
    const done = () => {
      clearInterval(timer)
      const ms = performance.now() - began
      judge(
        `${server} gives up a slow stranger`,
        ms > handshakeMs - 500 && ms < handshakeMs + 8000,
        `after ${ms} ms`,
      )
      resolve()
    }
    socket.once('close', done)
    setTimeout(() => socket.destroy(), handshakeMs * 3).unref()
  })
}

checkRules()
checkConversations()
const { text, count } = vectorLines()
for (const [name, [command, ...first]] of Object.entries(programs)) {
  const done = spawnSync(command, [...first, 'vectors'], {
    input: `${text}\n`,
    encoding: 'utf8',
    timeout: limitMs,
  })
  judge(`${name} on the vectors`, done.stdout === `${count} right, 0 wrong\n`, done.stdout + done.stderr)
}
await Promise.all(
  Object.entries(programs).map(async ([server, serving]) => {
    const { child, port } = await startServer(serving)
    child.removeAllListeners('exit')
    try {
      const dripping = drip(server, port)
      for (const [client, [command, ...first]] of Object.entries(programs)) {
        const done = spawnSync(command, [...first, 'talk', port], { encoding: 'utf8', timeout: limitMs })
        judge(
          `${client} to ${server}`,
          done.stdout === talked && done.status === 0,
          done.stdout + done.stderr,
        )
      }
      await dripping
    } finally {
      child.kill()
    }
  }),
)
for (const fault of faults) console.error(fault)
console.log(`${passed} passed, ${faults.length} failed`)
process.exit(faults.length === 0 ? 0 : 1)
