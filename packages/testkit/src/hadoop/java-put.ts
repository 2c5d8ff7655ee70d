import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchHadoop, jarsOf } from './fetch.ts'
import { jvmOptions } from './java.ts'
import { writeConf } from './properties.ts'
import { majorOf } from './releases.ts'

export interface JavaPutOptions {
  /** `hdfs://host:port` of any cluster. */
  url: string
  /** The file to write. */
  path: string
  /** Release whose client runs. Default 3.4.3. */
  version?: string
  /** Default `root`. */
  user?: string
  conf?: Readonly<Record<string, string>>
}

/** Java's client with a file open for writing: `hdfs dfs -put - PATH`, fed piece by piece. */
export class JavaPut {
  readonly #child: ChildProcess
  readonly #dir = mkdtempSync(join(tmpdir(), 'cairn-java-put-'))
  readonly #gone: Promise<unknown>
  #log = ''

  constructor(options: JavaPutOptions) {
    const conf = { 'fs.defaultFS': options.url, 'dfs.client.read.shortcircuit': 'false', ...options.conf }
    const version = options.version ?? '3.4.3'
    const both = { core: conf, hdfs: conf }
    const confDir = writeConf(join(this.#dir, 'conf'), both, {}, 'INFO', majorOf(version))
    const jars = jarsOf(fetchHadoop(version))
    const args = [
      ...jvmOptions('256m'),
      `-Dhadoop.home.dir=${this.#dir}`,
      `-Dlog4j.configuration=file://${join(confDir, 'log4j.properties')}`,
      '-XX:TieredStopAtLevel=1',
      '-cp',
      `${jars}:${confDir}`,
      'org.apache.hadoop.fs.FsShell',
      '-put',
      '-',
      options.path,
    ]
    this.#child = spawn('java', args, { env: { ...process.env, HADOOP_USER_NAME: options.user ?? 'root' } })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#log = (this.#log + text).slice(-100_000)
      })
    }
    this.#child.stdin!.on('error', () => {})
    this.#gone = once(this.#child, 'close')
  }

  /** What the client said so far. */
  get log(): string {
    return this.#log
  }

  /** Hands bytes to the client; resolves when its pipe has taken them. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#child.stdin!.write(bytes)) return
    await Promise.race([once(this.#child.stdin!, 'drain'), this.#gone])
  }

  /** Closes the file; resolves with the exit code. */
  async end(): Promise<number> {
    this.#child.stdin!.end()
    await this.#gone
    rmSync(this.#dir, { recursive: true, force: true })
    return this.#child.exitCode ?? 255
  }

  /** Ends the client as a crash does: nothing is closed. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
