// What `npm install @cairn/petrichor` puts on a disk: the packed files of it and of what it depends on.
//   node tools/check-install-size.mjs      ends with 1 above 100 KiB or with any other dependency
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.mjs'
import { shrink } from './bundle.mjs'

const bytesMax = 100 << 10
const core = ['tnetstrings', 'petrichor']

/** Bytes of a package's files as npm would pack them. */
function packedBytes(name) {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const done = spawnSync('npm', args, { cwd: join(root, 'packages', name), encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  const [packed] = Object.values(JSON.parse(done.stdout))
  return packed.unpackedSize
}

await shrink()
let total = 0
let foreign = 0
for (const name of core) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  const others = Object.keys(dependencies).filter((one) => !core.includes(one.replace('@cairn/', '')))
  foreign += others.length
  const bytes = packedBytes(name)
  total += bytes
  console.log(`${name}: ${bytes} bytes${others.length > 0 ? `, depends on ${others}` : ''}`)
}
console.log(`together ${(total / 1024).toFixed(1)} KiB, at most ${bytesMax / 1024}`)
process.exit(total <= bytesMax && foreign === 0 ? 0 : 1)
