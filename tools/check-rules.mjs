// Compares the numbered rules of docs/protocols with what code and tests cite: a rule that nobody cites is not kept, or
// not known to be; a citation of a rule that is not there explains nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './build.mjs'

const pattern = /\[([a-z][a-z0-9]*(?:\.[a-z-]+)+\.\d+)\]/g

function* files(dir, ending) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'bundle', 'gen'].includes(entry.name)) continue
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* files(path, ending)
    else if (entry.name.endsWith(ending)) yield path
  }
}

/** Rule → where it is named. */
function named(paths) {
  const found = new Map()
  for (const path of paths) {
    for (const [, rule] of readFileSync(path, 'utf8').matchAll(pattern)) found.set(rule, relative(root, path))
  }
  return found
}

const rules = named(files(join(root, 'docs/protocols'), '.md'))
const cited = named(files(join(root, 'packages'), '.ts'))
const faults = [
  ...[...rules].filter(([rule]) => !cited.has(rule)).map(([rule, at]) => `${at}: [${rule}] is cited nowhere`),
  ...[...cited]
    .filter(([rule]) => !rules.has(rule))
    .map(([rule, at]) => `${at}: cites [${rule}], which no document has`),
]
for (const fault of faults) console.error(fault)
console.log(`${rules.size} rules, ${faults.length} faults`)
process.exit(faults.length === 0 ? 0 : 1)
