import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'

/** As in the library: what a value may be without asking. */
const sizeMaxDefault = 16 << 20

/** `cairn petri`. */
export const petri = defineCommand({
  name: 'petri',
  summary: 'speak Petrichor: serve, connect, probe, dump',
  usage: [
    'serve [--cert F --key F] [--deny TEXT] [HOST:]PORT',
    'connect [--tls] [--header JSON] HOST:PORT',
    'probe [--tls] [--header JSON] HOST:PORT',
    'dump [--strict] [--max BYTES] [FILE | -]',
  ],
  cleansUp: true,
  operands: 'none',
  flags: {
    strict: { names: ['--strict'], help: 'dump: reject numbers that are not in their one form' },
    max: { names: ['--max'], value: 'BYTES', help: 'dump: largest value. Default 16 MiB' },
    header: { names: ['--header'], value: 'JSON', help: 'header of the connect message. Default {}' },
    body: { names: ['--body'], value: 'TEXT', help: 'body of the connect message' },
    deny: { names: ['--deny'], value: 'TEXT', help: 'serve: deny everyone, with this reason' },
    tls: { names: ['--tls'], help: 'connect over TLS, certificate checked' },
    ca: { names: ['--ca'], value: 'FILE', help: 'who may sign the other side’s certificate' },
    cert: { names: ['--cert'], value: 'FILE', help: 'own certificate; serve: over TLS' },
    key: { names: ['--key'], value: 'FILE', help: 'own private key' },
    insecure: { names: ['--insecure'], help: 'do not check the server’s certificate' },
    timeout: { names: ['--timeout'], value: 'SECONDS', help: 'for the handshake. Default 20' },
  },
  examples: [
    ['cairn petri serve 7777', 'An echo server that shows what comes; Ctrl-C ends it.'],
    [
      'echo hello | cairn petri connect 127.0.0.1:7777',
      'A line is a body; a JSON object in front is its header.',
    ],
    ['cairn petri probe --tls example.org:7777', 'What that server answers.'],
    ['cairn petri dump --json recorded.bin', 'One JSON value a line.'],
  ],
  notes: [
    'dump ends with 1 at the first wrong byte and says its offset on standard error. With --json, bytes that are not UTF-8 are {"$hex": "00ff"}.',
  ],
  async run(context, { flags, operands }) {
    const [what, operand, ...more] = operands
    if (more.length > 0) throw new UsageError(`petri takes no '${more[0]}'`)
    if (what === 'dump') {
      const max = flags.max === undefined ? sizeMaxDefault : Number(flags.max)
      if (!(max >= 0)) throw new UsageError(`--max takes a number of bytes, not '${flags.max}'`)
      const { dump } = await import('../petrichor/dump.ts')
      return await dump(context, operand ?? '-', { strict: flags.strict, sizeMax: max })
    }
    if (what !== 'serve' && what !== 'connect' && what !== 'probe')
      throw new UsageError('petri needs one of serve, connect, probe, dump')
    if (operand === undefined) throw new UsageError(`petri ${what} needs an address`)
    const { probe, serveEcho, talk } = await import('../petrichor/talk.ts')
    const run = { serve: serveEcho, connect: talk, probe }[what]
    return await run(context, operand, flags)
  },
})
