import { fileURLToPath } from 'node:url'
import { type Daemon, freePort, startDaemon } from '@cairn/testkit'
import type { DataNodeOptions } from '../options.ts'
import { until } from './until.ts'

const program = fileURLToPath(new URL('./datanode-process.js', import.meta.url))
const startMs = 60_000

/** A DataNode of ours in a process of its own, with ports that outlive the process. */
export class OurDataNode {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly ipcPort: number
  /** Directories without their storage types. */
  readonly folders: readonly string[]
  readonly #options: DataNodeOptions
  readonly #logFile: string
  #daemon: Daemon | undefined

  private constructor(options: DataNodeOptions, logFile: string, port: number, ipcPort: number) {
    this.port = port
    this.ipcPort = ipcPort
    this.folders = (options.dirs ?? []).map((dir) => dir.replace(/^\[.*\]/, ''))
    this.#options = { ...options, host: this.host, port, ipcPort }
    this.#logFile = logFile
  }

  static async start(options: DataNodeOptions, logFile: string): Promise<OurDataNode> {
    const node = new OurDataNode(options, logFile, await freePort(), await freePort())
    await node.start()
    return node
  }

  /** `host:port` of data transfer, as fsck names a location. */
  get address(): string {
    return `${this.host}:${this.port}`
  }

  get pid(): number {
    return this.#daemon?.pid ?? 0
  }

  log(): string {
    return this.#daemon?.log() ?? ''
  }

  /** Starts the process; resolves when the NameNode knows the node and its blocks. */
  async start(): Promise<void> {
    this.boot()
    await this.ready()
  }

  /** Starts the process and waits for nothing. */
  boot(): void {
    this.#before = this.log().length
    const env = { ...process.env, NODE_OPTIONS: '' }
    this.#daemon = startDaemon(process.execPath, [program, JSON.stringify(this.#options)], this.#logFile, env)
  }

  #before = 0

  async ready(): Promise<void> {
    const daemon = this.#daemon
    await until(`DataNode ${this.address}`, startMs, () => {
      if (daemon?.ended) throw new Error(`DataNode ${this.address} ended:\n${this.log().slice(-3000)}`)
      return this.log().slice(this.#before).includes('{"uuid"')
    })
  }

  async kill9(): Promise<void> {
    await this.#daemon?.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop()
  }

  /** Freezes it, as a machine that hangs; `SIGCONT` lets it go on. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.#daemon?.kill(signal)
  }
}
