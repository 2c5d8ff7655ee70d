import {
  type Connection,
  type Encodable,
  type HeaderInit,
  type Message,
  PetrichorError,
  type ServeOptions,
  type Server,
  serve,
} from '@cairn/petrichor'
import { TnetstringError } from '@cairn/tnetstrings'

export interface PusherOptions extends Omit<ServeOptions, 'handle' | 'session'> {
  /** Jobs given to one worker before it has finished the first of them. Default 1. */
  readonly credit?: number
  /** Jobs that wait for a worker; beyond that `push` waits. Default 1,000. */
  readonly queueMax?: number
  /** A worker that takes longer for a job is closed and the job goes to another. Default 5 minutes. */
  readonly jobMs?: number
  /** How often a job may be given out before it counts as one that kills its workers. Default 3. */
  readonly attemptsMax?: number
}

interface Job {
  readonly header: HeaderInit
  readonly body: Encodable
  attempts: number
  resolve(answer: Message): void
  reject(error: Error): void
}

interface Worker {
  readonly connection: Connection
  /** Jobs it has, by number. */
  readonly jobs: Map<number, Job>
}

/**
 * Gives each job to one of the workers that are connected, to the least busy one. A job whose worker dies or takes too
 * long goes to another, so it may run more than once but is never lost. [petri.pattern.3]
 */
export class Pusher {
  private readonly workers = new Set<Worker>()
  private readonly queue: Job[] = []
  private readonly waiting: (() => void)[] = []
  private readonly credit: number
  private readonly queueMax: number
  private readonly jobMs: number
  private readonly attemptsMax: number
  private nextNumber = 1
  private isClosed = false
  private server!: Server

  private constructor(options: PusherOptions) {
    this.credit = options.credit ?? 1
    this.queueMax = options.queueMax ?? 1000
    this.jobMs = options.jobMs ?? 300_000
    this.attemptsMax = options.attemptsMax ?? 3
  }

  static async listen(options: PusherOptions = {}): Promise<Pusher> {
    const pusher = new Pusher(options)
    pusher.server = await serve({ ...options, session: (connection) => pusher.work(connection) })
    return pusher
  }

  get address(): Server['address'] {
    return this.server.address
  }

  /** Jobs that wait for a worker. */
  get queued(): number {
    return this.queue.length
  }

  /** Hands a job over; resolves with what its worker answered. While too many wait, this one waits to be taken. */
  async push(body: Encodable, header: HeaderInit = {}): Promise<Message> {
    while (this.queue.length >= this.queueMax && !this.isClosed)
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    if (this.isClosed) throw closed()
    return new Promise((resolve, reject) => {
      this.queue.push({ header, body, attempts: 0, resolve, reject })
      this.distribute()
    })
  }

  /** Ends; jobs without an answer are rejected. */
  async close(): Promise<void> {
    this.isClosed = true
    for (const job of this.queue.splice(0)) job.reject(closed())
    for (const { jobs } of this.workers) for (const job of jobs.values()) job.reject(closed())
    for (const go of this.waiting.splice(0)) go()
    await this.server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async work(connection: Connection): Promise<void> {
    const worker: Worker = { connection, jobs: new Map() }
    this.workers.add(worker)
    this.distribute()
    try {
      for await (const message of connection) {
        const { done } = message.header
        const job = typeof done === 'number' ? worker.jobs.get(done) : undefined
        if (job === undefined) continue
        worker.jobs.delete(done as number)
        job.resolve(message)
        this.distribute()
      }
    } finally {
      this.workers.delete(worker)
      this.takeBack(worker)
    }
  }

  /** What a worker leaves behind is done first by others. */
  private takeBack(worker: Worker): void {
    if (this.isClosed) return
    for (const job of [...worker.jobs.values()].reverse()) {
      if (job.attempts < this.attemptsMax) this.queue.unshift(job)
      else {
        const said = `cannot finish a job: ${job.attempts} workers ended with it`
        job.reject(new PetrichorError('ERR_PETRICHOR_CLOSED', said))
      }
    }
    worker.jobs.clear()
    this.distribute()
  }

  private distribute(): void {
    while (this.queue.length > 0) {
      const worker = this.leastBusy()
      if (worker === undefined) return
      const job = this.queue.shift()!
      const number = this.nextNumber++
      job.attempts++
      worker.jobs.set(number, job)
      worker.connection
        .send({ ...job.header, job: number }, job.body)
        .catch((error) => this.notSent(worker, number, error))
      const timer = setTimeout(() => this.tooLate(worker, number), this.jobMs).unref()
      const { resolve } = job
      job.resolve = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.waiting.shift()?.()
    }
  }

  /** A job that no TNetstring can hold is its giver's fault and no worker's. */
  private notSent(worker: Worker, number: number, error: Error): void {
    const job = worker.jobs.get(number)
    if (job === undefined || !(error instanceof TnetstringError)) {
      worker.connection.destroy(error)
      return
    }
    worker.jobs.delete(number)
    job.reject(error)
    this.distribute()
  }

  private tooLate(worker: Worker, number: number): void {
    if (!worker.jobs.has(number)) return
    const said = `cannot wait for job ${number}: it took more than ${this.jobMs} ms`
    worker.connection.destroy(new PetrichorError('ERR_PETRICHOR_REPLY_TIMEOUT', said))
  }

  private leastBusy(): Worker | undefined {
    let best: Worker | undefined
    for (const worker of this.workers) {
      if (worker.connection.closed || worker.jobs.size >= this.credit) continue
      if (best === undefined || worker.jobs.size < best.jobs.size) best = worker
    }
    return best
  }
}

/**
 * Works for a pusher until it ends: each job's answer is what `run` answers. A `run` that throws ends the connection, so
 * that the job goes to another worker.
 */
export async function pull(
  connection: Connection,
  run: (
    job: Message,
  ) => { header?: HeaderInit; body?: Encodable } | Promise<{ header?: HeaderInit; body?: Encodable }>,
): Promise<void> {
  try {
    for await (const message of connection) {
      const { header = {}, body = '' } = await run(message)
      await connection.send({ ...header, done: message.header.job }, body)
    }
  } catch (error) {
    connection.destroy(error as Error)
    throw error
  }
}

function closed(): PetrichorError {
  return new PetrichorError('ERR_PETRICHOR_CLOSED', 'cannot push: the pusher is closed')
}
