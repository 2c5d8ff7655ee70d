// One peer of the benchmark: a process that does jobs, and what the system says about its CPU time and memory.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** The kernel counts CPU time in ticks of 10 ms. */
const tickMs = 10

/** CPU time of a process so far, user and system, in milliseconds. */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** Resident memory of a process in MiB, now or at its peak. */
export function residentMiB(pid, which = 'VmRSS') {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)[1]) / 1024
}

export class Peer {
  constructor(name, command, args, env = {}) {
    this.name = name
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    this.errors = ''
    this.child.stderr.on('data', (text) => {
      this.errors = (this.errors + text).slice(-4000)
    })
    // One that has ended says so by its output, which ends too.
    this.child.stdin.on('error', () => undefined)
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  get pid() {
    return this.child.pid
  }

  /** Does one job; `servers` are pids whose CPU time is counted beside the peer's. */
  async job(line, servers = []) {
    const pids = [this.pid, ...servers]
    const before = pids.map(cpuMs)
    this.child.stdin.write(`${line}\n`)
    const { value, done } = await this.lines.next()
    if (done) throw new Error(`${this.name} ended during ${line}: ${this.errors}`)
    const [word, wall, count, ...rest] = value.split(' ')
    if (word !== 'ok') throw new Error(`${this.name}, ${line}: ${[wall, count, ...rest].join(' ')}`)
    const used = pids.map((pid, index) => cpuMs(pid) - before[index])
    return { wallMs: Number(wall), cpuMs: used[0], serverCpuMs: used.slice(1), count: Number(count) }
  }

  close() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve()
    this.child.stdin.end()
    return new Promise((resolve) => this.child.once('exit', resolve))
  }
}
