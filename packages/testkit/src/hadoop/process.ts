import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'

/** One Hadoop daemon: its own process, its output in a file. */
export interface Daemon {
  readonly pid: number
  readonly logFile: string
  /** What it wrote so far. */
  log(): string
  readonly ended: boolean
  /** Ends it and waits for that; TERM first, KILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>
  /** Sends a signal; with KILL it waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>
}

/** Linux ends a daemon with the test run that started it, even one that is killed; `setpriv` becomes the daemon. */
const dieWithParent: readonly string[] = existsSync('/usr/bin/setpriv')
  ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--']
  : []

/** Starts a process whose output goes to `logFile`; it ends with ours. */
export function startDaemon(
  command: string,
  args: string[],
  logFile: string,
  env: NodeJS.ProcessEnv,
): Daemon {
  const log = openSync(logFile, 'a')
  const [program, ...words] = [...dieWithParent, command, ...args]
  const child = spawn(program!, words, { stdio: ['ignore', log, log], env })
  children.add(child)
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      children.delete(child)
      resolve()
    }
    child.once('exit', end)
    child.once('error', end)
  })
  return {
    pid: child.pid ?? -1,
    logFile,
    log: () => readFileSync(logFile, 'utf8'),
    get ended() {
      return child.exitCode !== null || child.signalCode !== null
    },
    async stop(graceMs = 8000) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await gone
      clearTimeout(timer)
    },
    async kill(signal) {
      child.kill(signal)
      if (signal === 'SIGKILL') await gone
    },
  }
}

const children = new Set<ChildProcess>()
// A test that fails in the middle must not leave a JVM behind.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs a command to its end. Never rejects for a non-zero status: tests look at `code`. */
export function runCommand(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string | Uint8Array; timeoutMs?: number } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      timeout: options.timeoutMs ?? 120_000,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr }))
    child.stdin.on('error', () => {})
    child.stdin.end(options.input)
  })
}
