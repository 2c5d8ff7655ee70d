import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Cluster, startCluster } from '@cairn/cluster'
import { CapturedOutput } from '../io/output.ts'
import { main } from '../main.ts'

/** What a command did. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Standard output as it is. */
  readonly bytes: Buffer
}

/** How a command is run; everything may be left out. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array
  readonly user?: string
  readonly env?: Record<string, string>
  readonly signal?: AbortSignal
}

/** A cluster in memory, a local directory, and commands that run in this process with both. */
export class CliBench {
  readonly cluster: Cluster
  /** A local directory: where commands run. */
  readonly dir: string

  private constructor(cluster: Cluster, dir: string) {
    this.cluster = cluster
    this.dir = dir
  }

  static async start(conf: Record<string, string | number> = {}): Promise<CliBench> {
    const cluster = await startCluster({ datanodes: 2, conf })
    return new CliBench(cluster, await mkdtemp(join(tmpdir(), 'cairn-cli-')))
  }

  async close(): Promise<void> {
    await this.cluster.close()
    await rm(this.dir, { recursive: true, force: true })
  }

  /** Runs words as one command line, on the cluster unless `env` says otherwise. */
  async run(words: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    const stdout = new CapturedOutput()
    const stderr = new CapturedOutput()
    const signal = options.signal ?? new AbortController().signal
    const io = {
      stdin: () => Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
      stdout,
      stderr,
      env: { CAIRN_DEFAULT_FS: this.cluster.url, USER: options.user ?? 'root', TZ: 'UTC', ...options.env },
      cwd: this.dir,
    }
    const code = await main(words, io, signal)
    return { code, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes }
  }

  /** Runs a line split at spaces; answers standard output. Throws where the exit code is not 0. */
  async ok(line: string, options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(line.split(' '), options)
    if (code !== 0) throw new Error(`cairn ${line}: exit code ${code}: ${stderr}`)
    return stdout
  }

  /** Runs a line split at spaces that has to fail with `code`; answers standard error. */
  async fails(line: string, code: number, options: RunOptions = {}): Promise<string> {
    const result = await this.run(line.split(' '), options)
    if (result.code !== code)
      throw new Error(`cairn ${line}: exit code ${result.code} instead of ${code}: ${result.stderr}`)
    return result.stderr
  }
}
