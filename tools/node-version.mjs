// Brings another major of Node from npm's `node` package into .cache, for running the tests on it.
//   node tools/node-version.mjs 24
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './build.mjs'

const major = process.argv[2]
if (!/^\d+$/.test(major ?? '')) {
  console.error('usage: node tools/node-version.mjs MAJOR')
  process.exit(2)
}
const folder = join(root, '.cache', `node-${major}`)
const binary = join(folder, 'node_modules', 'node', 'bin', 'node')
if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
  run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', `node@${major}`])
}
run(binary, ['--version'])
