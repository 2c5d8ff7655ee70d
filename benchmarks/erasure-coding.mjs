// Encoding and decoding a stripe as a DataNode does them: gigabytes of data (all data units together) per CPU-second
// for every kernel that is here, median of several runs.   node benchmarks/erasure-coding.mjs [unitBytes]
import {
  ErasureCoder,
  nativeKernel,
  nativeWays,
  portableKernel,
  systemPolicies,
  wasmKernel,
} from '@cairn/erasure-coding'

const unitBytes = Number(process.argv[2] ?? 65_536)
const runs = 5
const targetSeconds = 0.1

function cpuSeconds(work) {
  const before = process.cpuUsage()
  work()
  const used = process.cpuUsage(before)
  return (used.user + used.system) / 1e6
}

/** GB of data units per CPU-second. */
function rate(dataBytes, operation) {
  let times = 4
  const repeat = () => {
    for (let i = 0; i < times; i++) operation()
  }
  while (cpuSeconds(repeat) < targetSeconds) times *= 2
  const rates = Array.from({ length: runs }, () => (times * dataBytes) / cpuSeconds(repeat) / 1e9)
  return rates.sort((a, b) => a - b)[runs >> 1]
}

const kernels = [...nativeWays.map(([name, kernel]) => [`native ${name}`, kernel])]
if (nativeKernel) kernels.push(['native', nativeKernel])
if (wasmKernel) kernels.push(['wasm', wasmKernel])
kernels.push(['portable', portableKernel])

console.log(`units of ${unitBytes} bytes, GB of data per CPU-second, median of ${runs}`)
console.log('kernel             schema           encode   decode 1   decode all parity')
for (const [name, kernel] of kernels) {
  for (const { schema } of systemPolicies) {
    const { codec, dataUnits, parityUnits } = schema
    if (codec === 'rs-legacy') continue
    const coder = new ErasureCoder(schema, kernel)
    const unit = (seed) => Uint8Array.from({ length: unitBytes }, (_, i) => i * seed + (i >> 8))
    const units = Array.from({ length: dataUnits + parityUnits }, (_, index) => unit(index * 2 + 1))
    const [data, parity] = [units.slice(0, dataUnits), units.slice(dataUnits)]
    const lost = Array.from({ length: parityUnits }, (_, index) => index)
    const left = (count) => units.map((bytes, index) => (index < count ? undefined : bytes))
    const [one, all] = [left(1), left(parityUnits)]
    const outputs = lost.map(() => new Uint8Array(unitBytes))
    const dataBytes = dataUnits * unitBytes
    const rates = [
      rate(dataBytes, () => coder.encode(data, parity)),
      rate(dataBytes, () => coder.decode(one, [0], outputs.slice(0, 1))),
      rate(dataBytes, () => coder.decode(all, lost, outputs)),
    ]
    const cells = rates.map((value) => value.toFixed(2).padStart(8))
    console.log(`${name.padEnd(18)} ${`${codec}-${dataUnits}-${parityUnits}`.padEnd(14)} ${cells.join('  ')}`)
  }
}
