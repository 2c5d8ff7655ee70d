// Benchmarks, side by side with the peers in one run.
//   npm run bench -- [client|namenode|datanode|embedded|growth|generations|find-version|petrichor …] [--quick] [--repeats N]
import { join } from 'node:path'
import { build, root } from './build.mjs'

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const repeatsAt = args.indexOf('--repeats')
const options = {
  repeats: repeatsAt >= 0 ? Number(args[repeatsAt + 1]) : quick ? 1 : 5,
  bytes: quick ? 256 << 20 : 1 << 30,
  scale: quick ? 0.2 : 1,
}
const rows = [
  'client',
  'namenode',
  'datanode',
  'embedded',
  'growth',
  'generations',
  'find-version',
  'petrichor',
]
const wanted = args.filter((arg) => rows.includes(arg))

if (!process.argv.includes('--built')) build()
const { markdown } = await import(join(root, 'benchmarks/report.mjs'))
for (const row of wanted.length > 0 ? wanted : rows) {
  const { run } = await import(join(root, `benchmarks/rows/${row}.mjs`))
  await run(options)
}
console.log(`\n${markdown()}`)
