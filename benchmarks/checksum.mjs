// Checksums of a 64 KiB packet in 512-byte chunks, as the data path does them: gigabytes per CPU-second for every kernel
// that is here, median of several runs.   node benchmarks/checksum.mjs [packetBytes [bytesPerChecksum]]
import { nativeKernel, portableKernel, wasmKernel } from '@cairn/checksum'

const packetBytes = Number(process.argv[2] ?? 65_536)
const bytesPerChecksum = Number(process.argv[3] ?? 512)
const runs = 7
const targetSeconds = 0.2

const data = Uint8Array.from({ length: packetBytes }, (_, i) => (i * 31 + (i >> 8) * 7) & 255)
const sums = new Uint8Array(Math.ceil(packetBytes / bytesPerChecksum) * 4)

function cpuSeconds(work) {
  const before = process.cpuUsage()
  work()
  const used = process.cpuUsage(before)
  return (used.user + used.system) / 1e6
}

/** GB per CPU-second of one operation on the packet. */
function rate(operation) {
  let times = 16
  const repeat = () => {
    for (let i = 0; i < times; i++) operation()
  }
  while (cpuSeconds(repeat) < targetSeconds) times *= 2
  const rates = Array.from({ length: runs }, () => (times * packetBytes) / cpuSeconds(repeat) / 1e9)
  return rates.sort((a, b) => a - b)[runs >> 1]
}

console.log(`${packetBytes} bytes in chunks of ${bytesPerChecksum}, GB per CPU-second, median of ${runs}`)
console.log('kernel     type     compute   verify    whole buffer')
for (const kernel of [nativeKernel, wasmKernel, portableKernel]) {
  if (kernel === undefined) continue
  for (const type of ['CRC32C', 'CRC32']) {
    const compute = rate(() => kernel.compute(type, data, bytesPerChecksum, sums))
    const verify = rate(() => kernel.verify(type, data, bytesPerChecksum, sums))
    const whole = rate(() => kernel.crc(type, data))
    const cells = [compute, verify, whole].map((value) => value.toFixed(2).padStart(7))
    console.log(`${kernel.name.padEnd(10)} ${type.padEnd(7)} ${cells.join('   ')}`)
  }
}
