import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchHadoop, jarsOf } from './fetch.ts'
import { transition } from './ha-transition.ts'
import type { Hadoop, HadoopNamenode, HadoopOptions } from './hadoop.ts'
import { jvmOptions } from './java.ts'
import { type NamenodePlace, namenodePlaces, namenodeProperties, ownProperties } from './namenode-places.ts'
import { type CommandResult, type Daemon, runCommand, startDaemon } from './process.ts'
import { type CommonProperties, commonProperties, datanodeProperties, host, writeConf } from './properties.ts'
import { isOpen, registered, reported, until, writable } from './readiness.ts'
import { formatArguments, type HadoopMajor, majorOf } from './releases.ts'

const namenodeClass = 'org.apache.hadoop.hdfs.server.namenode.NameNode'
const datanodeClass = 'org.apache.hadoop.hdfs.server.datanode.DataNode'

/** Starts Apache Hadoop from Maven's jars and waits until a block can be written. */
export async function startHadoop(options: HadoopOptions = {}): Promise<Hadoop> {
  const places = await namenodePlaces(options)
  const hadoop = new HadoopProcesses(options, places)
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
  readonly namenodes: readonly JavaNamenode[]
  readonly datanodeProcesses: Daemon[] = []
  readonly #options: HadoopOptions
  readonly #jars: string
  readonly #major: HadoopMajor
  readonly #common: CommonProperties
  readonly #count: number
  readonly #timeoutMs: number

  constructor(options: HadoopOptions, places: readonly NamenodePlace[]) {
    this.#options = options
    this.version = options.version ?? '3.4.3'
    this.#major = majorOf(this.version)
    this.#jars = jarsOf(fetchHadoop(this.version))
    this.#count = options.datanodes ?? 1
    this.#timeoutMs = options.timeoutMs ?? 90_000
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'cairn-hadoop-'))
    const [first] = places
    this.port = options.namenode ? Number(options.namenode.split(':')[1]) : first!.port
    this.httpPort = first!.httpPort
    this.url = first!.id
      ? `hdfs://${first!.nameservice}`
      : `hdfs://${options.namenode ?? `${host}:${this.port}`}`
    const namenodes = options.namenode
      ? { 'dfs.namenode.rpc-address': options.namenode }
      : namenodeProperties(places, this.dir)
    this.#common = commonProperties(options, this.url, namenodes, this.#count)
    this.confDir = this.#writeConf(this.dir, {}, 'WARN')
    // The daemons look for their web pages on the class path, and refuse to start without the folders.
    for (const page of ['hdfs', 'datanode', 'static']) {
      mkdirSync(join(this.dir, 'webroot', 'webapps', page), { recursive: true })
    }
    const boot = (place: NamenodePlace): Promise<Daemon> => this.#bootNamenode(place)
    const user = options.superuser ?? 'root'
    this.namenodes = options.namenode ? [] : places.map((place) => new JavaNamenode(place, user, boot))
  }

  get namenodeProcess(): Daemon | undefined {
    return this.namenodes[0]?.process
  }

  async start(): Promise<void> {
    for (const namenode of this.namenodes) await this.#format(namenode.place)
    await Promise.all(this.namenodes.map((namenode) => namenode.restart()))
    const active = this.namenodes.filter(({ id }) => id === undefined || id === 'nn0')
    if (this.#options.ha) await Promise.all(active.map((namenode) => namenode.transition('Active')))
    for (let index = 0; index < this.#count; index++) {
      const home = join(this.dir, `dn${index}`)
      this.#writeConf(home, await datanodeProperties(home), 'INFO')
      this.datanodeProcesses.push(this.#boot(`dn${index}`, datanodeClass))
    }
    const all = [...this.datanodeProcesses, ...this.namenodes.flatMap((namenode) => namenode.process ?? [])]
    await until(`${this.#count} DataNodes of Hadoop ${this.version}`, this.#timeoutMs, all, async () => {
      if (this.#options.namenode)
        return this.datanodeProcesses.every((daemon) => registered(daemon, this.#major))
      if (this.#major === 1 && !this.datanodeProcesses.every(reported)) return false
      for (const { httpPort } of active)
        if (!(await writable(httpPort, this.#count, this.#major))) return false
      return true
    })
  }

  async #format(place: NamenodePlace): Promise<void> {
    const home = join(this.dir, place.role)
    this.#writeConf(home, ownProperties(place, home), 'INFO')
    if (place.id === 'nn1') {
      // What `-bootstrapStandby` does, without a NameNode that runs already.
      cpSync(join(this.dir, `${place.nameservice}-nn0`, 'name'), join(home, 'name'), { recursive: true })
      return
    }
    // Nameservices of one federation share the cluster id.
    const cluster = this.namenodes.length > 1 ? ['-clusterid', 'CID-cairn'] : []
    rmSync(join(home, 'name'), { recursive: true, force: true })
    const format = [...formatArguments(this.version), ...cluster]
    const args = this.#java(home, this.#heap, namenodeClass, format)
    const done = await runCommand('java', args, { env: this.#environment() })
    if (done.code !== 0) {
      throw new Error(`format a NameNode of Hadoop ${this.version}:\n${done.stderr.slice(-2000)}`)
    }
  }

  async #bootNamenode(place: NamenodePlace): Promise<Daemon> {
    const daemon = this.#boot(place.role, namenodeClass)
    await until(`NameNode of Hadoop ${this.version}`, this.#timeoutMs, [daemon], async () => {
      // A DataNode of 2.0.x that comes before the RPC port is open sleeps for 5 s.
      const alone = place.id === undefined && this.#major === 3
      return (await isOpen(place.httpPort)) && (alone || (await isOpen(place.port)))
    })
    return daemon
  }

  #writeConf(home: string, own: Record<string, string>, level: string): string {
    return writeConf(join(home, 'conf'), this.#common, own, level, this.#major)
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
    await this.namenodes[0]?.kill()
  }

  async restartNamenode(): Promise<void> {
    await this.namenodes[0]!.restart()
  }

  async stop(): Promise<void> {
    await Promise.all(this.datanodeProcesses.map((daemon) => daemon.stop()))
    await Promise.all(this.namenodes.map((namenode) => namenode.process?.stop()))
    if (this.#options.dir === undefined) rmSync(this.dir, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

class JavaNamenode implements HadoopNamenode {
  readonly place: NamenodePlace
  readonly nameservice: string | undefined
  readonly id: string | undefined
  readonly host = host
  readonly port: number
  readonly httpPort: number
  readonly lifelinePort: number | undefined
  process: Daemon | undefined
  readonly #user: string
  readonly #boot: (place: NamenodePlace) => Promise<Daemon>

  constructor(place: NamenodePlace, user: string, boot: (place: NamenodePlace) => Promise<Daemon>) {
    this.place = place
    this.nameservice = place.nameservice
    this.id = place.id
    this.port = place.port
    this.httpPort = place.httpPort
    this.lifelinePort = place.lifelinePort
    this.#user = user
    this.#boot = boot
  }

  async kill(): Promise<void> {
    await this.process?.kill('SIGKILL')
  }

  async restart(): Promise<void> {
    this.process = await this.#boot(this.place)
  }

  transition(to: 'Active' | 'Standby'): Promise<void> {
    return transition(this.port, this.#user, to)
  }
}
