import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { fetchHadoop, jarsOf } from './fetch.ts'
import { jvmOptions } from './java.ts'
import { type CommandResult, type Daemon, runCommand, startDaemon } from './process.ts'
import { log4jProperties, siteXml } from './site-xml.ts'

export interface HadoopOptions {
  /** Release to run. Default 3.4.3. */
  version?: string
  /** DataNodes, each its own process. Default 1; 0 leaves the NameNode alone for foreign DataNodes. */
  datanodes?: number
  /** `host:port` of a foreign NameNode: no NameNode is started, the DataNodes join that one. */
  namenode?: string
  /** More properties for every process, such as `dfs.blocksize`. */
  conf?: Readonly<Record<string, string>>
  /** Default false: anybody may do anything. */
  permissions?: boolean
  /** The superuser: the daemons run under this name. Default `root`. */
  superuser?: string
  /** Heap of each daemon. Default 384m. */
  heap?: string
  /** Keeps the cluster's files here instead of a folder that `stop` removes. */
  dir?: string
  /** Default 90 s. */
  timeoutMs?: number
}

/** A running Apache Hadoop on loopback. */
export interface Hadoop {
  readonly version: string
  readonly dir: string
  readonly host: string
  /** RPC port of the NameNode. */
  readonly port: number
  readonly httpPort: number
  /** `hdfs://127.0.0.1:PORT` */
  readonly url: string
  /** Environment that makes any client find this cluster: HADOOP_CONF_DIR. */
  readonly confDir: string
  /** Java's shell: `fs('-ls', '/')`. */
  fs(...args: string[]): Promise<CommandResult>
  /** Java's shell as another user. */
  fsAs(user: string, ...args: string[]): Promise<CommandResult>
  /** `hdfs dfsadmin`. */
  admin(...args: string[]): Promise<CommandResult>
  /** `hdfs fsck`. */
  fsck(...args: string[]): Promise<CommandResult>
  /** Any class with this cluster's class path and configuration. */
  run(
    mainClass: string,
    args: string[],
    options?: { classPath?: string; user?: string },
  ): Promise<CommandResult>
  /** The daemons by number, DataNodes from 0. */
  readonly namenodeProcess: Daemon | undefined
  readonly datanodeProcesses: readonly Daemon[]
  datanodeDir(index: number): string
  killDatanode(index: number): Promise<void>
  restartDatanode(index: number): Promise<void>
  killNamenode(): Promise<void>
  restartNamenode(): Promise<void>
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const host = '127.0.0.1'
const namenodeClass = 'org.apache.hadoop.hdfs.server.namenode.NameNode'
const datanodeClass = 'org.apache.hadoop.hdfs.server.datanode.DataNode'

/** Starts Apache Hadoop from Maven's jars and waits until a block can be written. */
export async function startHadoop(options: HadoopOptions = {}): Promise<Hadoop> {
  const version = options.version ?? '3.4.3'
  const count = options.datanodes ?? 1
  const superuser = options.superuser ?? 'root'
  const timeoutMs = options.timeoutMs ?? 90_000
  const jars = jarsOf(fetchHadoop(version))
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'cairn-hadoop-'))
  const foreign = options.namenode
  const port = foreign ? Number(foreign.split(':')[1]) : await freePort()
  const httpPort = await freePort()
  const url = `hdfs://${foreign ?? `${host}:${port}`}`
  const common = commonProperties(options, url, httpPort, count)

  // FsShell and the daemons find their web pages on the class path, and refuse to start without the folders.
  for (const page of ['hdfs', 'datanode', 'static'])
    mkdirSync(join(dir, 'webroot', 'webapps', page), { recursive: true })
  const confDir = writeConf(join(dir, 'conf'), common.core, common.hdfs, 'WARN')
  const environment = (user: string) => ({ ...process.env, HADOOP_USER_NAME: user, HADOOP_CONF_DIR: confDir })
  const java = (home: string, heap: string, mainClass: string, args: string[], extra = '') => [
    `-Dcairn.hadoop.dir=${dir}`,
    ...jvmOptions(heap),
    `-Dhadoop.home.dir=${home}`,
    `-Dhadoop.log.dir=${home}`,
    `-Dlog4j.configuration=file://${join(home, 'conf', 'log4j.properties')}`,
    '-cp',
    [jars, join(dir, 'webroot'), join(home, 'conf'), extra].filter(Boolean).join(':'),
    mainClass,
    ...args,
  ]
  const heap = options.heap ?? '384m'
  const boot = (role: string, mainClass: string) =>
    startDaemon(
      'java',
      java(join(dir, role), heap, mainClass, []),
      join(dir, role, 'out.log'),
      environment(superuser),
    )
  const run: Hadoop['run'] = (mainClass, args, extra = {}) =>
    runCommand('java', ['-XX:TieredStopAtLevel=1', ...java(dir, '512m', mainClass, args, extra.classPath)], {
      env: environment(extra.user ?? superuser),
    })

  const daemons: { namenode: Daemon | undefined; datanodes: Daemon[] } = {
    namenode: undefined,
    datanodes: [],
  }
  const stop = async () => {
    await Promise.all(daemons.datanodes.map((daemon) => daemon.stop()))
    await daemons.namenode?.stop()
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
  }
  const startNamenode = async () => {
    daemons.namenode = boot('nn', namenodeClass)
    await until(`NameNode of Hadoop ${version}`, timeoutMs, [daemons.namenode], () => isOpen(httpPort))
  }
  try {
    if (!foreign) {
      const home = join(dir, 'nn')
      writeConf(
        join(home, 'conf'),
        common.core,
        { ...common.hdfs, 'dfs.namenode.name.dir': `file://${home}/name` },
        'INFO',
      )
      const formatted = await runCommand(
        'java',
        java(home, heap, namenodeClass, ['-format', '-force', '-nonInteractive']),
        {
          env: environment(superuser),
        },
      )
      if (formatted.code !== 0)
        throw new Error(`format a NameNode of Hadoop ${version}:\n${formatted.stderr.slice(-2000)}`)
      await startNamenode()
    }
    for (let index = 0; index < count; index++) {
      const home = join(dir, `dn${index}`)
      writeConf(
        join(home, 'conf'),
        common.core,
        { ...common.hdfs, ...(await datanodeProperties(home)) },
        'INFO',
      )
      daemons.datanodes.push(boot(`dn${index}`, datanodeClass))
    }
    const all = [...daemons.datanodes, ...(daemons.namenode ? [daemons.namenode] : [])]
    await until(`${count} DataNodes of Hadoop ${version}`, timeoutMs, all, async () =>
      foreign
        ? daemons.datanodes.every((daemon) => daemon.log().includes('successfully registered with NN'))
        : writable(httpPort, count),
    )
  } catch (error) {
    await stop()
    throw error
  }
  const shell = 'org.apache.hadoop.fs.FsShell'
  return {
    version,
    dir,
    host,
    port,
    httpPort,
    url,
    confDir,
    fs: (...args) => run(shell, args),
    fsAs: (user, ...args) => run(shell, args, { user }),
    admin: (...args) => run('org.apache.hadoop.hdfs.tools.DFSAdmin', args),
    fsck: (...args) => run('org.apache.hadoop.hdfs.tools.DFSck', args),
    run,
    get namenodeProcess() {
      return daemons.namenode
    },
    get datanodeProcesses() {
      return daemons.datanodes
    },
    datanodeDir: (index) => join(dir, `dn${index}`, 'data'),
    killDatanode: (index) => daemons.datanodes[index]!.kill('SIGKILL'),
    async restartDatanode(index) {
      daemons.datanodes[index] = boot(`dn${index}`, datanodeClass)
    },
    async killNamenode() {
      await daemons.namenode?.kill('SIGKILL')
    },
    restartNamenode: startNamenode,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function commonProperties(options: HadoopOptions, url: string, httpPort: number, count: number) {
  const core = {
    'fs.defaultFS': url,
    'hadoop.http.staticuser.user': options.superuser ?? 'root',
    'ipc.client.connect.retry.interval': '200',
    'ipc.client.connect.max.retries': '50',
    ...options.conf,
  }
  const hdfs = {
    'dfs.replication': String(Math.max(1, Math.min(count, 3))),
    'dfs.namenode.rpc-address': url.slice('hdfs://'.length),
    'dfs.namenode.http-address': `${host}:${httpPort}`,
    'dfs.permissions.enabled': String(options.permissions ?? false),
    'dfs.namenode.safemode.extension': '0',
    'dfs.heartbeat.interval': '1',
    'dfs.namenode.redundancy.interval.seconds': '1',
    'dfs.namenode.fs-limits.min-block-size': '0',
    'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
    'dfs.datanode.hostname': 'localhost',
    'dfs.client.read.shortcircuit': 'false',
    ...options.conf,
  }
  return { core, hdfs }
}

async function datanodeProperties(home: string): Promise<Record<string, string>> {
  return {
    'dfs.datanode.data.dir': `file://${home}/data`,
    'dfs.datanode.address': `${host}:${await freePort()}`,
    'dfs.datanode.http.address': `${host}:${await freePort()}`,
    'dfs.datanode.ipc.address': `${host}:${await freePort()}`,
  }
}

function writeConf(
  folder: string,
  core: Record<string, string>,
  hdfs: Record<string, string>,
  level: string,
): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'core-site.xml'), siteXml(core))
  writeFileSync(join(folder, 'hdfs-site.xml'), siteXml(hdfs))
  writeFileSync(join(folder, 'log4j.properties'), log4jProperties(level))
  return folder
}

/** Waits until `ready`, and ends at once with the log's tail when a daemon is gone. */
async function until(
  what: string,
  timeoutMs: number,
  daemons: Daemon[],
  ready: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await ready())) {
    const dead = daemons.find((daemon) => daemon.ended)
    if (dead) throw new Error(`start ${what}: a process ended:\n${dead.log().slice(-3000)}`)
    if (Date.now() > end)
      throw new Error(`start ${what}: not ready after ${timeoutMs} ms:\n${daemons[0]?.log().slice(-3000)}`)
    await sleep(100)
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Live DataNodes that reported their capacity, and no safe mode: only then can a block be placed. */
async function writable(httpPort: number, count: number): Promise<boolean> {
  try {
    const answer = await fetch(
      `http://${host}:${httpPort}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState`,
    )
    const { beans } = (await answer.json()) as {
      beans: { NumLiveDataNodes: number; FSState: string; CapacityTotal: number }[]
    }
    const state = beans[0]
    return (
      state?.FSState === 'Operational' &&
      state.NumLiveDataNodes >= count &&
      (count === 0 || state.CapacityTotal > 0)
    )
  } catch {
    return false // Not listening yet, or an answer before the bean exists.
  }
}
