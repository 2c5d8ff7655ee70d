// Runs the tests of the built packages with node:test.
//   node tools/test.mjs [--node PATH] [package…]              every *.test.js, which need no JVM
//   node tools/test.mjs --interop [package…]                  every *.interop.js: real Apache Hadoop
//   node tools/test.mjs --interop --release 2.2.0 [package…]  against that one; default: what all releases are asked
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, root } from './build.mjs'
import { filesOf, onlyOfReleases, releaseRuns } from './interop/releases.mjs'
import { fileKey } from './interop/reporter.mjs'

const args = process.argv.slice(2)
const interop = args.includes('--interop')
const flagValue = (flag) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined)
const node = flagValue('--node') ?? process.execPath
const release = flagValue('--release')
const wanted = args.filter((a, i) => !a.startsWith('--') && !['--node', '--release'].includes(args[i - 1]))

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
const flags = [
  '--enable-source-maps',
  '--test',
  `--test-concurrency=${interop ? 1 : 2}`,
  `--test-timeout=${interop ? 420_000 : 90_000}`,
]

/** Runs files, against a release when one is named; the status that the process ends with. */
function run(files, version) {
  if (files.length === 0) return 0
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout']
  // A destination is written from its beginning: each run has its own, and the table reads them all.
  const destination = join(root, `.cache/interop-${version ?? 'main'}.jsonl`)
  rmSync(destination, { force: true })
  const table = ['--test-reporter=./tools/interop/reporter.mjs', `--test-reporter-destination=${destination}`]
  const env = version === undefined ? process.env : { ...process.env, HADOOP_VERSION: version }
  const options = interop ? [...flags, ...reporters, ...table] : flags
  return spawnSync(node, [...options, ...files], { cwd: root, stdio: 'inherit', env }).status ?? 1
}

function runReleases() {
  let status = 0
  for (const [version, keys] of Object.entries(releaseRuns)) {
    console.log(`\n--- Apache Hadoop ${version}`)
    status = run(ofKeys(keys), version) || status
  }
  return status
}

const ofKeys = (keys) => tests.filter((file) => keys.includes(fileKey(file)))

mkdirSync(join(root, '.cache'), { recursive: true })
if (release !== undefined) {
  process.exit(run(wanted.length > 0 ? tests : ofKeys(filesOf(release)), release))
}
const main = tests.filter((file) => !onlyOfReleases.includes(fileKey(file)))
const status = run(main, undefined)
process.exit(interop ? status || runReleases() : status)
