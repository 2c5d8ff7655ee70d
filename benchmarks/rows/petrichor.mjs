// Rows of Petrichor beside npm's zeromq, msgpackr and @grpc/grpc-js, and PyPI's tnetstring3: codec in one process, network
// over loopback with client and server in two. Peers are fetched once into .cache/bench/petrichor.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildC } from '../../tools/petrichor.mjs'
import { cpuMs } from '../peer-process.mjs'
import { median, report, round } from '../report.mjs'
import { cache, root } from '../setup.mjs'

const home = join(cache, 'petrichor')
const peers = { zeromq: '6.8.0', msgpackr: '2.1.3', '@grpc/grpc-js': '1.14.7' }
const tnetstring3 = '0.4.0'
const scripts = join(root, 'benchmarks/petrichor')

function sh(command, args) {
  const done = spawnSync(command, args, { cwd: home, encoding: 'utf8' })
  if (done.status !== 0)
    console.error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`.slice(-2000))
  return done.status === 0
}

/** Fetches what is not there yet. zeromq brings a native part, which its install script unpacks. */
function fetchPeers() {
  mkdirSync(home, { recursive: true })
  if (!existsSync(join(home, 'node_modules/zeromq/build'))) {
    const allowScripts = { zeromq: true }
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({ private: true, dependencies: peers, allowScripts }),
    )
    sh('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'])
  }
  const python = join(home, 'venv/bin/python')
  if (!existsSync(python)) {
    sh('python3', ['-m', 'venv', 'venv'])
    sh('venv/bin/pip', ['install', '-q', `tnetstring3==${tnetstring3}`])
  }
}

function codecRows({ repeats }) {
  const done = spawnSync(process.execPath, [join(scripts, 'codec.mjs'), String(Math.max(3, repeats * 3))], {
    encoding: 'utf8',
  })
  const ns = JSON.parse(done.stdout)
  const cells = (names) => Object.fromEntries(names.map((name) => [name, `${round(ns[name], 0)} ns`]))
  const bar = (ours, theirs, least) => {
    const ratio = ns[theirs] / ns[ours]
    return [`${round(ratio)} × msgpackr, bar ${least} ×`, ratio >= least]
  }
  report(
    'encode: header of 6 fields, body of 1 KiB',
    cells(['encode to parts', 'session.send and takeOutput', 'msgpackr pack']),
    [bar('encode to parts', 'msgpackr pack', 1.2)],
  )
  const decoders = ['decode to header and body view', 'decode with headers as bytes', 'msgpackr unpack']
  report('decode: the same', cells(decoders), [bar('decode to header and body view', 'msgpackr unpack', 0.9)])
  const python = spawnSync(join(home, 'venv/bin/python'), [join(scripts, 'tnetstring3.py')], {
    encoding: 'utf8',
  })
  if (python.status === 0) {
    const { encode, decode } = JSON.parse(python.stdout)
    report('the same in CPython with tnetstring3 (C)', {
      encode: `${round(encode, 0)} ns`,
      decode: `${round(decode, 0)} ns`,
    })
  }
}

/** The C library beside tnetstring3, whose work is C too: `petrichor/c/bench`. */
function cRow() {
  let bench
  try {
    bench = join(buildC(), 'petri-bench')
  } catch (error) {
    console.error(`left out: C beside tnetstring3; ${error.message}`)
    return
  }
  const compare = join(root, 'petrichor/c/bench/compare.py')
  const done = spawnSync(join(home, 'venv/bin/python'), [compare, bench], { encoding: 'utf8' })
  for (const [, what, ours, theirs] of done.stdout.matchAll(
    /^(\w+)_ns: petrichor (\d+), tnetstring3 (\d+)/gm,
  )) {
    const ratio = Number(theirs) / Number(ours)
    report(`C, ${what} the same`, { 'petrichor.c': `${ours} ns`, tnetstring3: `${theirs} ns` }, [
      [`${round(ratio)} × tnetstring3, bar 2 ×`, ratio >= 2],
    ])
  }
}

/** A server and a client of one library, each in a process of its own. */
class Pair {
  constructor(name) {
    this.name = name
    this.runs = []
  }

  async start() {
    const start = (role) =>
      spawn(process.execPath, [join(scripts, 'peer.mjs'), this.name, role], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
    this.server = start('server')
    const { value } = await createInterface({ input: this.server.stdout })[Symbol.asyncIterator]().next()
    this.address = value.split(' ')[1]
    this.client = start('client')
    this.lines = createInterface({ input: this.client.stdout })[Symbol.asyncIterator]()
    return this
  }

  /** Messages a second of one job, and microseconds of both processors for each. */
  async measure(job) {
    const pids = [this.client.pid, this.server.pid]
    const before = pids.map(cpuMs)
    this.client.stdin.write(`${job} ${this.address}\n`)
    const { value = 'ended' } = await this.lines.next()
    const [word, ms, count] = value.split(' ')
    if (word !== 'ok') throw new Error(`${this.name}: ${job}: ${value}`)
    const used = pids.reduce((sum, pid, index) => sum + cpuMs(pid) - before[index], 0)
    return { rate: (Number(count) / Number(ms)) * 1000, cpuUs: (used / Number(count)) * 1000 }
  }

  stop() {
    this.client.stdin.end()
    this.server.stdin.end()
  }
}

/** Runs jobs in turns and answers the medians of each. */
async function inTurns(jobs, repeats) {
  const measured = jobs.map(() => [])
  for (let turn = -1; turn < repeats; turn++) {
    for (const [index, [pair, job]] of jobs.entries()) {
      const one = await pair.measure(job)
      if (turn >= 0) measured[index].push(one)
    }
  }
  return measured.map((all) => ({
    rate: median(all.map(({ rate }) => rate)),
    cpuUs: median(all.map(({ cpuUs }) => cpuUs)),
  }))
}

async function networkRows({ repeats, scale }) {
  const [cairn, zeromq, grpc] = await Promise.all(
    ['cairn', 'zeromq', 'grpc'].map((name) => new Pair(name).start()),
  )
  const many = (count) => Math.max(200, Math.round(count * scale))
  const shown = (all) => {
    const cells = Object.entries(all).map(([name, { rate, cpuUs }]) => [
      name,
      `${round(rate, 0)}/s, ${round(cpuUs, 1)} CPU-µs each`,
    ])
    return Object.fromEntries(cells)
  }
  const bar = (ours, theirs, least, what) => {
    const ratio = ours.rate / theirs.rate
    return [
      `${round(ratio)} × ${what} (CPU ${round(ours.cpuUs / theirs.cpuUs)} ×), bar ${least} ×`,
      ratio >= least,
    ]
  }
  try {
    const [one, oneZeromq, oneGrpc, sixtyFour, sixtyFourGrpc] = await inTurns(
      [
        [cairn, `request ${many(10_000)} 1 1024`],
        [zeromq, `request ${many(5000)} 1 1024`],
        [grpc, `request ${many(1000)} 1 1024`],
        [cairn, `request ${many(100_000)} 64 1024`],
        [grpc, `request ${many(2000)} 64 1024`],
      ],
      repeats,
    )
    report(
      'request/reply, 1 KiB, one at a time',
      shown({ cairn: one, zeromq: oneZeromq, 'grpc-js': oneGrpc }),
      [bar(one, oneZeromq, 3, 'zeromq')],
    )
    report('request/reply, 1 KiB, 64 in flight', shown({ cairn: sixtyFour, 'grpc-js': sixtyFourGrpc }), [
      bar(sixtyFour, oneZeromq, 8, 'zeromq one at a time'),
    ])
    for (const [bytes, count, least] of [
      [100, 100_000, 1.3],
      [1024, 100_000, 1.3],
      [65_536, 5000, 0.9],
    ]) {
      const [ours, theirs, bare, calls] = await inTurns(
        [
          [cairn, `stream ${many(count)} ${bytes}`],
          [zeromq, `stream ${many(count)} ${bytes}`],
          [zeromq, `bare ${many(count)} ${bytes}`],
          [grpc, `stream ${many(count / 4)} ${bytes}`],
        ],
        repeats,
      )
      const rates = {
        cairn: ours,
        'zeromq (header as a frame)': theirs,
        'zeromq (body alone)': bare,
        'grpc-js': calls,
      }
      const bars = [bar(ours, theirs, least, 'zeromq'), bar(ours, bare, least, 'zeromq without a header')]
      report(`one-way, ${bytes} bytes`, shown(rates), bars)
    }
  } finally {
    for (const pair of [cairn, zeromq, grpc]) pair.stop()
  }
}

export async function run(options) {
  fetchPeers()
  codecRows(options)
  cRow()
  await networkRows(options)
  const size = spawnSync(process.execPath, [join(root, 'tools/check-install-size.mjs')], { encoding: 'utf8' })
  report('install size of the core packages', { cairn: size.stdout.trim().split('\n').at(-1) }, [
    ['under 100 KiB, no other dependency', size.status === 0],
  ])
}
