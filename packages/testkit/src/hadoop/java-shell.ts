import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fetchHadoop, jarsOf } from './fetch.ts'
import { jvmOptions } from './java.ts'
import type { CommandResult } from './process.ts'
import { writeConf } from './properties.ts'
import { majorOf } from './releases.ts'

export interface JavaShellOptions {
  /** `hdfs://host:port` of any cluster, Java's or ours. */
  url: string
  /** Release whose client runs. Default 3.4.3. */
  version?: string
  /** Default `root`. */
  user?: string
  conf?: Readonly<Record<string, string>>
}

const shellSource = fileURLToPath(new URL('../../java/ShellLoop.java', import.meta.url))

/** Java's command-line tools against any cluster, many commands in one JVM. */
export class JavaShell {
  readonly #child: ChildProcess
  readonly #dir: string
  readonly #user: string
  readonly #answers: AsyncIterator<string>
  #errors = ''

  constructor(options: JavaShellOptions) {
    this.#user = options.user ?? 'root'
    this.#dir = mkdtempSync(join(tmpdir(), 'cairn-java-shell-'))
    const conf = { 'fs.defaultFS': options.url, 'dfs.client.read.shortcircuit': 'false', ...options.conf }
    const version = options.version ?? '3.4.3'
    const both = { core: conf, hdfs: conf }
    const confDir = writeConf(join(this.#dir, 'conf'), both, {}, 'WARN', majorOf(version))
    const jars = jarsOf(fetchHadoop(version))
    const args = [
      ...jvmOptions('512m'),
      `-Dhadoop.home.dir=${this.#dir}`,
      `-Dlog4j.configuration=file://${join(confDir, 'log4j.properties')}`,
      '-XX:TieredStopAtLevel=1',
    ]
    this.#child = spawn('java', [...args, '-cp', `${jars}:${confDir}`, shellSource])
    this.#child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-4000)
    })
    this.#child.stdin!.on('error', () => {})
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  /** `hdfs dfs`: `fs('-ls', '/')`. */
  fs(...args: string[]): Promise<CommandResult> {
    return this.run('org.apache.hadoop.fs.FsShell', args)
  }

  /** Appends texts to a file through Java's FileSystem; shells before 2.4 cannot. */
  append(path: string, ...texts: string[]): Promise<CommandResult> {
    return this.run('ShellLoop$Append', [path, ...texts])
  }

  /** `hdfs dfs -checksum` as `algorithm hex`; shells before 2.0 cannot. */
  checksum(path: string): Promise<CommandResult> {
    return this.run('ShellLoop$Checksum', [path])
  }

  /** `hdfs dfsadmin`. */
  admin(...args: string[]): Promise<CommandResult> {
    return this.run('org.apache.hadoop.hdfs.tools.DFSAdmin', args)
  }

  /** Any class that is a Hadoop `Tool`, one command at a time. */
  async run(toolClass: string, args: readonly string[], user = this.#user): Promise<CommandResult> {
    const words = [user, toolClass, ...args].map((word) => Buffer.from(word).toString('base64'))
    this.#child.stdin!.write(`${words.join(' ')}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`Java's shell ended: ${this.#errors}`)
    const [code, stdout, stderr] = value.split(' ')
    const text = (word: string | undefined) => Buffer.from(word ?? '', 'base64').toString('utf8')
    return { code: Number(code), stdout: text(stdout), stderr: text(stderr) }
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdin!.end()
    await gone
    rmSync(this.#dir, { recursive: true, force: true })
  }
}
