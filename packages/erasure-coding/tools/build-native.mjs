// Compiles native/gf.c to build/gf-<platform>-<arch>.node with the C compiler that is there (CC, or cc). It runs when
// the package is installed and before a build of the repository. It never fails: without a compiler the package works
// with WebAssembly, only slower, so one line says so and the exit code is 0.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageDir = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(packageDir, 'native', 'gf.c')
const buildDir = join(packageDir, 'build')
const output = join(buildDir, `gf-${process.platform}-${process.arch}.node`)

function upToDate() {
  if (!existsSync(output)) return false
  const built = statSync(output).mtimeMs
  return [source, fileURLToPath(import.meta.url)].every((input) => statSync(input).mtimeMs <= built)
}

/** Folders with node_api.h: the headers package, or what came with this Node. */
function includeDirs() {
  const found = []
  try {
    found.push(createRequire(import.meta.url)('node-api-headers').include_dir)
  } catch {
    // Not installed: Node's own headers may be beside its executable.
  }
  found.push(join(dirname(dirname(process.execPath)), 'include', 'node'))
  return found.filter((dir) => existsSync(join(dir, 'node_api.h')))
}

function compile() {
  const [include] = includeDirs()
  if (include === undefined) return 'no node_api.h found'
  mkdirSync(buildDir, { recursive: true })
  // A name of our own, then a rename: two builds at once must not read each other's half-written file.
  const partial = join(buildDir, `.gf-${process.pid}.node`)
  const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []
  const compiler = process.env.CC || 'cc'
  const flags = ['-std=gnu11', '-O3', '-Wall', '-Wextra', '-shared', '-fPIC', '-fvisibility=hidden', '-s']
  const args = [...flags, ...undefinedSymbols, `-I${include}`, '-o', partial, source]
  const done = spawnSync(compiler, args, { encoding: 'utf8' })
  if (done.error) return `${compiler}: ${done.error.code ?? done.error.message}`
  if (done.status !== 0) {
    rmSync(partial, { force: true })
    return `${compiler} ended with ${done.status ?? done.signal}: ${done.stderr.trim().split('\n')[0]}`
  }
  renameSync(partial, output)
  return undefined
}

try {
  if (!upToDate()) {
    const reason = compile()
    if (reason !== undefined)
      console.log(`erasure-coding: no native kernel (${reason}); WebAssembly will be used`)
  }
} catch (error) {
  console.log(`erasure-coding: no native kernel (${error.message}); WebAssembly will be used`)
}
