// Encoding and decoding of a six-field header and a 1 KiB body: ours and msgpackr's in turns in one process.
// Prints one JSON object: nanoseconds of each, the median of all rounds.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultLimits, MessageReader, PetrichorSession } from '@cairn/petrichor'
import { encode, encodeParts } from '@cairn/tnetstrings'
import { header } from './header.mjs'

const cache = fileURLToPath(new URL('../../.cache/bench/petrichor/', import.meta.url))
const { pack, unpack } = createRequire(join(cache, 'package.json'))('msgpackr')
const rounds = Number(process.argv[2] ?? 15)
const each = Number(process.argv[3] ?? 40_000)

const body = new Uint8Array(1024).fill(120)
const packed = pack({ header, body })
const wire = Buffer.concat([encode(header), encode(body)])
const reader = new MessageReader({ limits: defaultLimits })
const bytesReader = new MessageReader({ limits: defaultLimits, text: 'none' })
const session = new PetrichorSession({ limits: defaultLimits, now: 0 })
let sink

/** What is measured. Values differ from call to call, as they would. */
const cases = {
  'msgpackr pack': (i) => {
    header.number = i
    sink = pack({ header, body })
  },
  'encode to parts': (i) => {
    header.number = i
    sink = [encodeParts(header), encodeParts(body)]
  },
  'session.send and takeOutput': (i) => {
    header.number = i
    session.send(header, body)
    sink = session.takeOutput()
  },
  'msgpackr unpack': () => {
    sink = unpack(packed)
  },
  'decode to header and body view': () => {
    reader.push(wire)
    sink = reader.next()
  },
  'decode with headers as bytes': () => {
    bytesReader.push(wire)
    sink = bytesReader.next()
  },
}

const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]))
for (let round = -2; round < rounds; round++) {
  for (const [name, run] of Object.entries(cases)) {
    const from = process.hrtime.bigint()
    for (let i = 0; i < each; i++) run(i)
    const ns = Number(process.hrtime.bigint() - from) / each
    if (round >= 0) times[name].push(ns)
  }
}
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]
console.log(
  JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))),
)
if (sink === undefined) process.exit(1)
