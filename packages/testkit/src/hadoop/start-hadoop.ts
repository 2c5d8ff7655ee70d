import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { fetchHadoop, jarsOf } from './fetch.ts'
import type { Hadoop, HadoopOptions } from './hadoop.ts'
import { jvmOptions } from './java.ts'
import { type CommandResult, type Daemon, runCommand, startDaemon } from './process.ts'
import { type CommonProperties, commonProperties, datanodeProperties, host, writeConf } from './properties.ts'
import { isOpen, until, writable } from './readiness.ts'

const namenodeClass = 'org.apache.hadoop.hdfs.server.namenode.NameNode'
const datanodeClass = 'org.apache.hadoop.hdfs.server.datanode.DataNode'

/** Starts Apache Hadoop from Maven's jars and waits until a block can be written. */
export async function startHadoop(options: HadoopOptions = {}): Promise<Hadoop> {
  const port = options.namenode ? Number(options.namenode.split(':')[1]) : await freePort()
  const hadoop = new HadoopProcesses(options, port, await freePort())
  try {
    await hadoop.start()
    return hadoop
  } catch (error) {
    await hadoop.stop()
    throw error
  }
}

class HadoopProcesses implements Hadoop {
  readonly version: string
  readonly dir: string
  readonly host = host
  readonly port: number
  readonly httpPort: number
  readonly url: string
  readonly confDir: string
  readonly datanodeProcesses: Daemon[] = []
  namenodeProcess: Daemon | undefined
  readonly #options: HadoopOptions
  readonly #jars: string
  readonly #common: CommonProperties
  readonly #count: number
  readonly #timeoutMs: number

  constructor(options: HadoopOptions, port: number, httpPort: number) {
    this.#options = options
    this.version = options.version ?? '3.4.3'
    this.#jars = jarsOf(fetchHadoop(this.version))
    this.#count = options.datanodes ?? 1
    this.#timeoutMs = options.timeoutMs ?? 90_000
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'cairn-hadoop-'))
    this.port = port
    this.httpPort = httpPort
    this.url = `hdfs://${options.namenode ?? `${host}:${port}`}`
    this.#common = commonProperties(options, this.url, httpPort, this.#count)
    this.confDir = writeConf(join(this.dir, 'conf'), this.#common, {}, 'WARN')
    // The daemons look for their web pages on the class path, and refuse to start without the folders.
    for (const page of ['hdfs', 'datanode', 'static']) {
      mkdirSync(join(this.dir, 'webroot', 'webapps', page), { recursive: true })
    }
  }

  async start(): Promise<void> {
    if (!this.#options.namenode) {
      await this.#format()
      await this.restartNamenode()
    }
    for (let index = 0; index < this.#count; index++) {
      const home = join(this.dir, `dn${index}`)
      writeConf(join(home, 'conf'), this.#common, await datanodeProperties(home), 'INFO')
      this.datanodeProcesses.push(this.#boot(`dn${index}`, datanodeClass))
    }
    const all = this.namenodeProcess
      ? [...this.datanodeProcesses, this.namenodeProcess]
      : this.datanodeProcesses
    await until(`${this.#count} DataNodes of Hadoop ${this.version}`, this.#timeoutMs, all, () =>
      this.#options.namenode
        ? this.datanodeProcesses.every((daemon) => daemon.log().includes('successfully registered with NN'))
        : writable(this.httpPort, this.#count),
    )
  }

  async #format(): Promise<void> {
    const home = join(this.dir, 'nn')
    const folder = { 'dfs.namenode.name.dir': `file://${home}/name` }
    writeConf(join(home, 'conf'), this.#common, folder, 'INFO')
    const args = this.#java(home, this.#heap, namenodeClass, ['-format', '-force', '-nonInteractive'])
    const done = await runCommand('java', args, { env: this.#environment() })
    if (done.code !== 0) {
      throw new Error(`format a NameNode of Hadoop ${this.version}:\n${done.stderr.slice(-2000)}`)
    }
  }

  get #heap(): string {
    return this.#options.heap ?? '384m'
  }

  #environment(user = this.#options.superuser ?? 'root'): NodeJS.ProcessEnv {
    return { ...process.env, HADOOP_USER_NAME: user, HADOOP_CONF_DIR: this.confDir }
  }

  #java(home: string, heap: string, mainClass: string, args: string[], classPath = ''): string[] {
    const path = [this.#jars, join(this.dir, 'webroot'), join(home, 'conf'), classPath].filter(Boolean)
    return [
      `-Dcairn.hadoop.dir=${this.dir}`,
      ...jvmOptions(heap),
      `-Dhadoop.home.dir=${home}`,
      `-Dhadoop.log.dir=${home}`,
      `-Dlog4j.configuration=file://${join(home, 'conf', 'log4j.properties')}`,
      '-cp',
      path.join(':'),
      mainClass,
      ...args,
    ]
  }

  #boot(role: string, mainClass: string): Daemon {
    const home = join(this.dir, role)
    const args = this.#java(home, this.#heap, mainClass, [])
    return startDaemon('java', args, join(home, 'out.log'), this.#environment())
  }

  run(
    mainClass: string,
    args: string[],
    options: { classPath?: string; user?: string } = {},
  ): Promise<CommandResult> {
    const java = this.#java(this.dir, '512m', mainClass, args, options.classPath)
    return runCommand('java', ['-XX:TieredStopAtLevel=1', ...java], { env: this.#environment(options.user) })
  }

  fs(...args: string[]): Promise<CommandResult> {
    return this.run('org.apache.hadoop.fs.FsShell', args)
  }

  fsAs(user: string, ...args: string[]): Promise<CommandResult> {
    return this.run('org.apache.hadoop.fs.FsShell', args, { user })
  }

  admin(...args: string[]): Promise<CommandResult> {
    return this.run('org.apache.hadoop.hdfs.tools.DFSAdmin', args)
  }

  fsck(...args: string[]): Promise<CommandResult> {
    return this.run('org.apache.hadoop.hdfs.tools.DFSck', args)
  }

  datanodeDir(index: number): string {
    return join(this.dir, `dn${index}`, 'data')
  }

  killDatanode(index: number): Promise<void> {
    return this.datanodeProcesses[index]!.kill('SIGKILL')
  }

  async restartDatanode(index: number): Promise<void> {
    this.datanodeProcesses[index] = this.#boot(`dn${index}`, datanodeClass)
  }

  async killNamenode(): Promise<void> {
    await this.namenodeProcess?.kill('SIGKILL')
  }

  async restartNamenode(): Promise<void> {
    const daemon = this.#boot('nn', namenodeClass)
    this.namenodeProcess = daemon
    await until(`NameNode of Hadoop ${this.version}`, this.#timeoutMs, [daemon], () => isOpen(this.httpPort))
  }

  async stop(): Promise<void> {
    await Promise.all(this.datanodeProcesses.map((daemon) => daemon.stop()))
    await this.namenodeProcess?.stop()
    if (this.#options.dir === undefined) rmSync(this.dir, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
