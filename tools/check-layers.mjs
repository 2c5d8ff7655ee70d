// Checks the rules of ARCHITECTURE.md that a reader cannot see from one file: imports only point down, pure packages
// touch nothing outside, no import cycles, files and functions of readable size, no words that mean "unfinished".
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from './build.mjs'

/** Packages from the bottom up; a package may import those of lower rows, and what `sideways` names. */
const rows = [
  ['bytes', 'tnetstrings'],
  ['checksum', 'erasure-coding', 'hadoop-conf', 'hadoop-writable'],
  ['hadoop-proto', 'hadoop-rpc', 'hdfs-protocol', 'hdfs-storage'],
  ['transport', 'petrichor'],
  ['hadoop-ipc', 'hdfs-block-io', 'petrichor-helpers', 'petrichor-patterns'],
  ['hdfs-client', 'datanode', 'namenode'],
  ['cluster'],
  ['cli'],
]
const sideways = {
  'hadoop-rpc': ['hadoop-proto'],
  'hdfs-protocol': ['hadoop-proto', 'hadoop-rpc'],
  'hdfs-storage': ['hadoop-proto'],
}
/** No node: module, no clock, no chance, no timer: bytes, time and seeds come in as arguments. */
const pure = [
  'bytes',
  'hadoop-writable',
  'hadoop-proto',
  'hadoop-rpc',
  'hdfs-protocol',
  'hdfs-storage',
  'tnetstrings',
]
/** Pure parts of packages that are not. */
const pureFiles = ['errors', 'limits', 'message', 'reader', 'session', 'writer'].map(
  (file) => `packages/petrichor/src/${file}.ts`,
)
const isPure = (name, shown) => pure.includes(name) || pureFiles.includes(shown)
const impure =
  /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|process\.)/
/** Only these know generations of Hadoop; others ask a generation what it can do, not which one it is. */
const knowsGenerations = ['hadoop-rpc', 'hdfs-protocol']
const asksForVersion = /\b(rpcVersion|[gG]eneration\??\.version)\b *([=!]==?|[<>]=?) *\d|\bcase generation\d/
const fileLinesMax = 500
const functionLinesMax = 70
const unfinished = /\b(TODO|FIXME|XXX|HACK)\b|\.only\(|@ts-(ignore|nocheck|expect-error)|:\s*any\b|\bas any\b/

const functionHead =
  /\bfunction\b|=> \{$|^\s*(async |static |get |set |override |private |readonly )*(#?[\w$]+|\[[\w.]+\])(<.*>)?\(.*\{$|^\s*\)(: .*)? \{$/
const statementHead = /^\s*(\} else|if|for|while|switch|catch|return|do|try)\b/

const faults = []
const packageDir = join(root, 'packages')
const names = readdirSync(packageDir)
const rowOf = new Map(rows.flatMap((row, index) => row.map((name) => [name, index])))

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) {
      if (entry.name !== 'gen') yield* sources(path)
    } else if (/\.(ts|mts)$/.test(entry.name)) yield path
  }
}

const isTest = (path) => /\.(test|interop|test-support)\.ts$|\/testing\/|\/test-support\//.test(path)
const importPattern =
  /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s+['"]([^'"]+)['"]/gm

function mayImport(from, to) {
  return rowOf.get(to) < rowOf.get(from) || sideways[from]?.includes(to)
}

function checkImports(name, path, text, graph) {
  const shown = relative(root, path)
  const imports = []
  for (const [, a, b, c] of text.matchAll(importPattern)) {
    const target = a ?? b ?? c
    if (target.startsWith('.')) imports.push(resolve(dirname(path), target))
    const other = /^@cairn\/([^/]+)/.exec(target)?.[1]
    if (isTest(path)) continue
    if (other === 'testkit') faults.push(`${shown}: imports @cairn/testkit, which is for tests only`)
    else if (other && !mayImport(name, other)) faults.push(`${shown}: ${name} may not import ${other}`)
    if (isPure(name, shown) && target.startsWith('node:'))
      faults.push(`${shown}: a pure package imports ${target}`)
  }
  graph.set(path, imports)
}

function checkText(name, path, text) {
  const shown = relative(root, path)
  const lines = text.split('\n')
  if (lines.length > fileLinesMax) faults.push(`${shown}: ${lines.length} lines, at most ${fileLinesMax}`)
  /** Functions that are open at this line, the innermost last. */
  const open = []
  lines.forEach((line, index) => {
    const code = line.replace(/(['"`]).*?\1/g, "''").replace(/\/\/.*|\/\*.*|^\s*\*.*/, '')
    if (unfinished.test(code)) faults.push(`${shown}:${index + 1}: ${line.trim().slice(0, 60)}`)
    if (isPure(name, shown) && !isTest(path) && impure.test(code)) {
      faults.push(`${shown}:${index + 1}: a pure package reads the clock, chance or process: ${code.trim()}`)
    }
    if (!knowsGenerations.includes(name) && !isTest(path) && asksForVersion.test(code)) {
      faults.push(`${shown}:${index + 1}: asks which generation it is, not what that can do: ${code.trim()}`)
    }
    // The formatter aligns a function's closing brace with its first line, so the length can be read off the text.
    const indent = /^ */.exec(line)[0]
    const top = open.at(-1)
    if (top && top.indent === indent && /^\s*\}/.test(line)) {
      open.pop()
      const length = index - top.index + 1
      if (length > functionLinesMax && !isTest(path)) {
        faults.push(`${shown}:${top.index + 1}: a function of ${length} lines, at most ${functionLinesMax}`)
      }
    }
    if (/\{$/.test(line) && functionHead.test(line) && !statementHead.test(line)) open.push({ indent, index })
  })
}

/** Depth-first search over the files of one package; a file met again on the way is a cycle. Types may be mutual. */
function checkCycles(graph) {
  const state = new Map()
  const visit = (path, trail) => {
    if (state.get(path) === 'done' || !graph.has(path)) return
    if (state.get(path) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(path)), path].map((file) => relative(packageDir, file))
      faults.push(`import cycle: ${cycle.join(' → ')}`)
      return
    }
    state.set(path, 'open')
    for (const next of graph.get(path)) visit(next, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of graph.keys()) visit(path, [])
}

for (const name of names) {
  if (name !== 'testkit' && !rowOf.has(name))
    faults.push(`packages/${name}: no layer names it; add it to tools/check-layers.mjs`)
  const graph = new Map()
  for (const path of sources(join(packageDir, name, 'src'))) {
    const text = readFileSync(path, 'utf8')
    // Type-only imports vanish when compiled, so they cannot make a cycle at run time.
    const withoutTypes = text.replace(/^\s*(import|export) type\b[^'"]*from\s+['"][^'"]+['"]/gm, '')
    checkImports(name, path, text, new Map())
    checkImports(name, path, withoutTypes, graph)
    checkText(name, path, text)
  }
  checkCycles(graph)
}

const unique = [...new Set(faults)]
for (const fault of unique) console.error(fault)
console.log(`${names.length} packages, ${unique.length} faults`)
process.exit(unique.length === 0 ? 0 : 1)
