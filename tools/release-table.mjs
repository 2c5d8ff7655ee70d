// The tables of what works against which release of Apache Hadoop, from what the interop files said.
//   node tools/release-table.mjs           takes over what the last runs found and writes the tables anew
//   node tools/release-table.mjs --check   fails when the tables, as far as the last runs went, say something else
// The runs leave .cache/interop-*.jsonl; docs/releases.json remembers for each release and file what came out.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.mjs'
import { releases, subjects } from './interop/releases.mjs'

const cache = join(root, '.cache')
const remembered = join(root, 'docs/releases.json')
const pages = [
  { path: join(root, 'README.md'), table: summaryTable },
  { path: join(root, 'docs/releases.md'), table: caseTables },
]

/** `{ [release]: { [file]: { [case]: outcome } } }` of the lines; of a case that ran twice, the worse. */
export function outcomesOf(lines) {
  const all = {}
  for (const line of lines) {
    const { release, file, name, outcome } = JSON.parse(line)
    all[release] ??= {}
    all[release][file] ??= {}
    const cases = all[release][file]
    if (cases[name] !== 'failed') cases[name] = outcome
  }
  return all
}

/** The remembered outcomes with those of files that ran in their place; files of no table are left out. */
export function merged(known, ran) {
  const wanted = new Set(subjects.flatMap(({ files }) => files))
  const all = {}
  for (const release of releases) {
    const files = { ...known[release], ...ran[release] }
    const kept = Object.keys(files).filter((file) => wanted.has(file))
    if (kept.length > 0) all[release] = Object.fromEntries(kept.sort().map((file) => [file, files[file]]))
  }
  return all
}

/** What was tried against any release at all. */
const tried = (all) =>
  subjects.filter(({ files }) => releases.some((release) => files.some((file) => all[release]?.[file])))

function summaryTable(all) {
  const rows = tried(all).map(({ title, files }) => {
    const cells = releases.map((release) => {
      const outcomes = files.flatMap((file) => Object.values(all[release]?.[file] ?? {}))
      return summary(outcomes)
    })
    return [title, ...cells]
  })
  return markdown(['', ...releases], rows)
}

function summary(outcomes) {
  const count = (wanted) => outcomes.filter((outcome) => outcome === wanted).length
  const failed = count('failed')
  if (outcomes.length === 0) return '–'
  if (failed > 0) return `${count('passed')} of ${outcomes.length}`
  const refused = count('refused')
  return refused === 0 ? `all ${outcomes.length}` : `${count('passed')}, ${refused} refused`
}

const marks = { passed: 'yes', refused: 'refused', failed: '**no**' }

function caseTables(all) {
  const parts = tried(all).map(({ title, files }) => {
    const ran = releases.filter((release) => files.some((file) => all[release]?.[file]))
    const of = (release) => Object.assign({}, ...files.map((file) => all[release]?.[file]))
    const names = [...new Set(ran.flatMap((release) => Object.keys(of(release))))].sort()
    const rows = names.map((name) => [name, ...ran.map((release) => marks[of(release)[name]] ?? '')])
    return `## ${title[0].toUpperCase()}${title.slice(1)}\n\n${markdown(['', ...ran], rows)}`
  })
  return parts.join('\n\n')
}

function markdown(head, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replace('|  |', '| |')
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

const begin = '<!-- releases: written by tools/release-table.mjs -->'
const end = '<!-- releases: end -->'

function withTable(text, table) {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`no markers "${begin}" … "${end}"`)
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`
}

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** What the last runs found: of a file that ran again against the same release, the later run. */
function lastRuns() {
  const names = existsSync(cache) ? readdirSync(cache).filter((name) => /^interop-.*\.jsonl$/.test(name)) : []
  const paths = names
    .map((name) => join(cache, name))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
  const all = {}
  for (const path of paths) {
    const found = outcomesOf(read(path).split('\n').filter(Boolean))
    for (const release of Object.keys(found)) all[release] = { ...all[release], ...found[release] }
  }
  return all
}

function main() {
  const check = process.argv.includes('--check')
  const known = JSON.parse(read(remembered) || '{}')
  const all = merged(known, lastRuns())
  const files = [
    { path: remembered, text: json(all) },
    ...pages.map(({ path, table }) => ({ path, text: withTable(read(path), table(all)) })),
  ]
  const stale = files.filter(({ path, text }) => read(path) !== text)
  if (!check) {
    for (const { path, text } of stale) writeFileSync(path, text)
    console.log(
      stale.length === 0 ? 'the tables are up to date' : `wrote ${stale.map(({ path }) => path).join(', ')}`,
    )
    return
  }
  if (stale.length === 0) return
  console.error(
    `stale: ${stale.map(({ path }) => path).join(', ')}; run node tools/release-table.mjs and commit`,
  )
  process.exit(1)
}

if (process.argv[1] === import.meta.filename || process.argv[1]?.endsWith('release-table.mjs')) main()
