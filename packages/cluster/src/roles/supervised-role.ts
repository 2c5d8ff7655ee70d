import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ClusterError } from '../cluster-error.ts'
import type { Logger } from '../logger.ts'
import type { FromRole, ToRole } from './messages.ts'
import { type Address, type NamenodeReport, type Role, type RoleSpec, roleName } from './role.ts'

const program = fileURLToPath(new URL('./role-process.js', import.meta.url))

/** A role that dies this often within the window is not started again. */
const restarts = { most: 5, windowMs: 20_000, pauseMs: 100 } as const
/** A role that does not end by itself within this time is killed. */
const closeMs = 10_000
/** A role that does not answer within this time counts as having nothing to report. */
const reportMs = 5_000

/** A role in a process of its own, which is started again, on the same port, when it dies. */
export class SupervisedRole implements Role {
  #spec: RoleSpec
  readonly #logger: Logger
  readonly #onFailure: (error: ClusterError) => void
  #child: ChildProcess | undefined
  #address: Address | undefined
  #closing = false
  #exited: Promise<void> = Promise.resolve()
  #deaths: number[] = []
  #reportId = 0
  readonly #reports = new Map<number, (report: NamenodeReport | undefined) => void>()

  private constructor(spec: RoleSpec, logger: Logger, onFailure: (error: ClusterError) => void) {
    this.#spec = spec
    this.#logger = logger
    this.#onFailure = onFailure
  }

  /** Starts the process; resolves when the role listens. `onFailure` runs when it cannot be kept alive. */
  static async start(
    spec: RoleSpec,
    logger: Logger,
    onFailure: (error: ClusterError) => void,
  ): Promise<SupervisedRole> {
    const role = new SupervisedRole(spec, logger, onFailure)
    await role.#launch()
    return role
  }

  get address(): Address {
    return this.#address!
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async #launch(): Promise<void> {
    const child = fork(program, [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    this.#child = child
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    const ready = new Promise<Address>((resolve, reject) => {
      child.on('message', (message: FromRole) => {
        if (message.type === 'ready') resolve(message.address)
        else if (message.type === 'failed')
          reject(Object.assign(new Error(message.message), { code: message.code }))
        else this.#take(message)
      })
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        reject(new Error(`its process ended with ${signal ?? `exit code ${code}`} before it was ready`))
      })
    })
    this.#tell({ type: 'start', spec: this.#spec })
    this.#address = await ready
    this.#spec = { ...this.#spec, port: this.#address.port }
    child.once('exit', (code, signal) => this.#onExit(code, signal))
    if (child.exitCode !== null || child.signalCode !== null) this.#onExit(child.exitCode, child.signalCode)
  }

  #take(message: Extract<FromRole, { type: 'report' | 'log' }>): void {
    if (message.type === 'log') this.#logger[message.level](message.fields, message.message)
    else this.#reports.get(message.id)?.(message.report)
  }

  #tell(message: ToRole): void {
    // A process that is just dying takes no message; its exit is what counts.
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#closing) return
    const name = roleName(this.#spec)
    this.#logger.warn({ code, signal }, `${name} died and is started again`)
    void this.#restart().catch((error: unknown) => {
      if (this.#closing) return
      this.#onFailure(
        new ClusterError('ERR_CLUSTER_ROLE_FAILED', `keep ${name} running: ${(error as Error).message}`, {
          cause: error,
        }),
      )
    })
  }

  async #restart(): Promise<void> {
    for (;;) {
      const now = performance.now()
      this.#deaths = this.#deaths.filter((at) => now - at < restarts.windowMs)
      if (this.#deaths.push(now) > restarts.most) {
        throw new Error(
          `it died ${restarts.most} times within ${restarts.windowMs / 1000} s; the log says why`,
        )
      }
      try {
        await this.#launch()
        if (this.#closing) await this.#end()
        return
      } catch (error) {
        if (this.#closing) return
        this.#logger.warn({ err: error }, `${roleName(this.#spec)} did not start`)
        await delay(restarts.pauseMs * this.#deaths.length)
      }
    }
  }

  async report(): Promise<NamenodeReport | undefined> {
    if (!this.#child?.connected) return undefined
    const id = this.#reportId++
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise((resolve) => {
        this.#reports.set(id, resolve)
        timer = setTimeout(() => resolve(undefined), reportMs)
        this.#tell({ type: 'report', id })
      })
    } finally {
      clearTimeout(timer)
      this.#reports.delete(id)
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#tell({ type: 'close' })
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), closeMs)
    await this.#exited
    clearTimeout(timer)
  }
}
