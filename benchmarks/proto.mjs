// Message codecs against protobuf-es, which is the oracle of their tests: operations per CPU second, medians of
// interleaved rounds. Usage: node benchmarks/proto.mjs [message name…]
import { readFileSync } from 'node:fs'
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { compile } from '../packages/hadoop-proto/tools/model.mjs'

const hadoop = await import('@cairn/hadoop-proto')
const rounds = 7
const roundMs = 60
const packageDir = new URL('../packages/hadoop-proto/', import.meta.url)
const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, compile(new URL('proto', packageDir).pathname)),
)

/** One message of each hot kind, as Hadoop 3.4.3 sent it. */
const wanted = [
  'RequestHeaderProto',
  'RpcRequestHeaderProto',
  'RpcResponseHeaderProto',
  'GetFileInfoRequestProto',
  'GetFileInfoResponseProto',
  'PacketHeaderProto',
  'PipelineAckProto',
  'GetBlockLocationsResponseProto',
  'GetListingResponseProto',
]

function capturedMessages() {
  const text = readFileSync(new URL('test-data/hadoop-3.4.3-messages.txt', packageDir), 'utf8')
  const longest = new Map()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [typeName, hex = ''] = line.split(' ')
    const name = typeName.split('.').at(-1)
    if (hex.length > (longest.get(name)?.hex.length ?? -1)) longest.set(name, { name, typeName, hex })
  }
  const listing = longest.get('GetListingResponseProto')
  const page = hadoop.GetListingResponseProto.decode(Buffer.from(listing.hex, 'hex'))
  const { partialListing } = page.dirList
  page.dirList.partialListing = Array.from(
    { length: 1000 },
    (_, i) => partialListing[i % partialListing.length],
  )
  listing.hex = Buffer.from(hadoop.GetListingResponseProto.encode(page)).toString('hex')
  return longest
}

/** Operations per CPU second of `operation` during one round. */
function measure(operation) {
  let count = 0
  const started = process.cpuUsage()
  const until = performance.now() + roundMs
  while (performance.now() < until) for (let i = 0; i < 20; i++, count++) operation()
  const { user, system } = process.cpuUsage(started)
  return (count / (user + system)) * 1e6
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1]
const shown = (rate) => Math.round(rate).toLocaleString('en').padStart(11)

const names = process.argv.length > 2 ? process.argv.slice(2) : wanted
const captured = capturedMessages()
console.log(`${'operations per CPU second'.padEnd(42)}      Cairn protobuf-es   ratio`)
for (const name of names) {
  const { typeName, hex } = captured.get(name)
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'))
  const type = registry.getMessage(typeName)
  const codec = hadoop[name]
  const value = codec.decode(bytes)
  const message = create(type, fromBinary(type, bytes))
  const pairs = {
    decode: [() => codec.decode(bytes), () => fromBinary(type, bytes)],
    encode: [() => codec.encode(value), () => toBinary(type, message)],
  }
  for (const [what, operations] of Object.entries(pairs)) {
    const rates = [[], []]
    for (let round = 0; round < rounds; round++)
      for (const [i, operation] of operations.entries()) rates[i].push(measure(operation))
    const [ours, theirs] = rates.map(median)
    const label = `${what} ${name} (${bytes.length} B)`
    console.log(`${label.padEnd(42)}${shown(ours)}${shown(theirs)}${(ours / theirs).toFixed(1).padStart(8)}`)
  }
}
