// Compiles and runs every ```ts snippet of the README files, so that no example tells a lie.
// A snippet that needs a cluster finds one: `hdfs://127.0.0.1:8020` in the text is replaced by a running one's address.
// A fence marked ```ts no-run is compiled only (it would wait for a real cluster or for ever).
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { bin, build, root } from './build.mjs'

function* documents(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (['node_modules', 'dist', '.git', '.plan'].includes(entry.name)) continue
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* documents(path)
    else if (entry.name.endsWith('.md')) yield path
  }
}

build()
// Inside the repository, so that `@cairn/…` resolves as it would in a user's project.
const work = join(root, '.cache', 'docs')
rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
const snippets = []
for (const path of documents(root)) {
  for (const [, marks, code] of readFileSync(path, 'utf8').matchAll(/^```ts([^\n]*)\n(.*?)^```/gms)) {
    const file = join(work, `snippet-${snippets.length}.ts`)
    snippets.push({ from: relative(root, path), file, code, run: !marks.includes('no-run') })
  }
}

const { startCluster } = await import(join(root, 'packages/cluster/dist/index.js'))
const cluster = await startCluster({ memory: true })
for (const { file, code } of snippets)
  writeFileSync(file, `${code.replaceAll('hdfs://127.0.0.1:8020', cluster.url)}\nexport {}\n`)
writeFileSync(
  join(work, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../tsconfig.base.json',
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      noUnusedLocals: false,
      outDir: 'out',
      rootDir: '.',
    },
    include: ['*.ts'],
  }),
)
let failed = 0
const compiled = spawnSync(bin('tsc'), ['-p', work], { encoding: 'utf8' })
if (compiled.status !== 0) {
  console.error(compiled.stdout)
  failed++
}
for (const { from, file, run } of snippets.filter(() => compiled.status === 0)) {
  if (!run) continue
  const script = join(work, 'out', relative(work, file).replace(/\.ts$/, '.js'))
  const done = await new Promise((resolve) => {
    const child = spawn(process.execPath, [script], { cwd: work, timeout: 30_000 })
    let output = ''
    child.stdout.on('data', (text) => {
      output += text
    })
    child.stderr.on('data', (text) => {
      output += text
    })
    child.on('close', (code) => resolve({ code, output }))
  })
  if (done.code !== 0) {
    failed++
    console.error(
      `${from}: the snippet ended with ${done.code}:\n${done.output}\n${readFileSync(file, 'utf8')}`,
    )
  }
}
await cluster.close()
console.log(`${snippets.length} snippets, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
