// Runs the tests of the built packages with node:test.
//   node tools/test.mjs [--interop] [--node PATH] [package…]      default: every *.test.js that needs no JVM
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build, root } from './build.mjs'

const args = process.argv.slice(2)
const interop = args.includes('--interop')
const nodeAt = args.indexOf('--node')
const node = nodeAt < 0 ? process.execPath : args[nodeAt + 1]
const wanted = args.filter((a, i) => !a.startsWith('--') && !(nodeAt >= 0 && i === nodeAt + 1))

function* files(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else yield path
  }
}

build()
const ending = interop ? '.interop.js' : '.test.js'
const packages = readdirSync(join(root, 'packages')).filter((p) => wanted.length === 0 || wanted.includes(p))
const tests = packages
  .flatMap((p) => [...files(join(root, 'packages', p, 'dist'))])
  .filter((f) => f.endsWith(ending))
if (tests.length === 0) {
  console.error(`no *${ending} under ${packages.join(', ')}`)
  process.exit(1)
}
// Interop runs JVMs: one file at a time keeps two cores honest.
// A test that hangs is a failure with a name, not a run without an end.
const timeoutMs = interop ? 420_000 : 90_000
const flags = [
  '--enable-source-maps',
  '--test',
  `--test-concurrency=${interop ? 1 : 2}`,
  `--test-timeout=${timeoutMs}`,
]
const done = spawnSync(node, [...flags, ...tests], { cwd: root, stdio: 'inherit' })
process.exit(done.status ?? 1)
