// Recorded connections of every release, changed, into every decoder: docs/fuzzing.md.
//   node tools/fuzz.mjs [--runs 20000] [--seed 1]       executions with these numbers
//   node tools/fuzz.mjs --seed 1 --run 4711             one of them again, its input as hex
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, root } from './build.mjs'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    run: { type: 'string' },
  },
})
build()
const support = join(root, 'packages/hdfs-protocol/dist/captures/fuzz.test-support.js')
const { fuzzOnce, loadCorpus } = await import(support)
const seed = Number(values.seed)
const corpus = loadCorpus()

if (values.run !== undefined) {
  const { target, input, refused, fault } = fuzzOnce(corpus, seed, Number(values.run))
  console.log(`${target}: ${fault?.stack ?? refused ?? 'taken'}\n${Buffer.from(input).toString('hex')}`)
  process.exit(fault === undefined ? 0 : 1)
}

const runs = Number(values.runs)
const begunMs = performance.now()
const refusals = new Map()
const inputs = createHash('sha256')
let faults = 0
let peakBytes = 0
for (let run = 0; run < runs; run++) {
  const { target, input, refused, fault } = fuzzOnce(corpus, seed, run)
  inputs.update(input)
  refusals.set(refused ?? 'taken', (refusals.get(refused ?? 'taken') ?? 0) + 1)
  if (run % 500 === 0) {
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    peakBytes = Math.max(peakBytes, heapUsed + arrayBuffers)
  }
  if (fault === undefined) continue
  faults++
  console.error(
    `${target}: ${fault.stack ?? fault}\n  again: node tools/fuzz.mjs --seed ${seed} --run ${run}`,
  )
  if (faults >= 10) break
}
const seconds = (performance.now() - begunMs) / 1000
for (const [code, count] of [...refusals].sort((a, b) => b[1] - a[1]))
  console.log(`${String(count).padStart(9)}  ${code}`)
console.log(
  `${runs} executions of ${corpus.rpc.length + corpus.transfer.length} recordings in ${seconds.toFixed(1)} s, seed ${seed}: ` +
    `${faults} faults, at most ${Math.round(peakBytes / 2 ** 20)} MiB; inputs ${inputs.digest('hex').slice(0, 16)}`,
)
process.exit(faults === 0 ? 0 : 1)
