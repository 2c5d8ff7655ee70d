// One Java NameNode with Java's DataNodes and ours beside each other.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type HdfsClient } from '@cairn/hdfs-client'
import { type Hadoop, JavaShell, startHadoop } from '@cairn/testkit'
import type { DataNodeOptions } from '../options.ts'
import { OurDataNode } from './our-datanode.ts'
import { until } from './until.ts'

export interface MixedOptions {
  readonly ours: number
  readonly theirs: number
  readonly conf?: Readonly<Record<string, string>>
  /** More for each of ours; its `dirs` are relative to the node's own folder and may begin with a storage type. */
  readonly options?: (index: number) => Partial<DataNodeOptions>
  readonly version?: string
  /** Gives every DataNode a disk of its own with so much room, which takes root on Linux; see `mayMount`. */
  readonly diskMebibytes?: number
}

/** Hadoop's settings for a cluster that notices faults within seconds instead of minutes. */
const hasty = {
  'dfs.namenode.heartbeat.recheck-interval': '1000',
  'dfs.namenode.stale.datanode.interval': '3000',
  'dfs.namenode.reconstruction.pending.timeout-sec': '5',
  'dfs.namenode.decommission.interval': '1',
  'dfs.client.socket-timeout': '10000',
  'dfs.client.retry.window.base': '100',
  'dfs.blocksize': '1048576',
  // Else a node that is busy for a moment gets no replica, and tests would have to wait for it.
  'dfs.namenode.redundancy.considerLoad': 'false',
  'dfs.namenode.lease-recheck-interval-ms': '500',
}

/** What the NameNode's JMX says of a DataNode. */
export interface LiveNode {
  readonly xferaddr: string
  readonly adminState: string
  readonly numBlocks: number
  readonly usedSpace: number
  readonly lastContact: number
}

export class MixedCluster {
  readonly root = mkdtempSync(join(process.env.CAIRN_MIXED_DIR ?? tmpdir(), 'cairn-mixed-'))
  readonly ours: OurDataNode[] = []
  readonly #mounts: string[] = []
  hadoop!: Hadoop
  shell!: JavaShell
  client!: HdfsClient

  static async start(options: MixedOptions): Promise<MixedCluster> {
    const cluster = new MixedCluster()
    try {
      await cluster.#start(options)
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  async #start(options: MixedOptions): Promise<void> {
    const version = options.version ?? process.env.HADOOP_VERSION ?? '3.4.3'
    const replication = String(Math.min(3, options.ours + options.theirs))
    const conf = { ...hasty, 'dfs.replication': replication, ...options.conf }
    if (options.diskMebibytes !== undefined) this.#mountDisks(options, options.diskMebibytes)
    this.hadoop = await startHadoop({
      version,
      datanodes: options.theirs,
      conf,
      dir: join(this.root, 'hadoop'),
    })
    for (let index = 0; index < options.ours; index++) this.ours.push(await this.#startOurs(index, options))
    const { url } = this.hadoop
    this.shell = new JavaShell({ url, version, conf })
    this.client = await connect(url, { confDir: false, user: 'root', blockSize: 1 << 20 })
    await this.untilLive(options.ours + options.theirs)
  }

  #mountDisks({ ours, theirs }: MixedOptions, mebibytes: number): void {
    for (let i = 0; i < theirs; i++) this.#mounts.push(join(this.root, 'hadoop', `dn${i}`, 'data'))
    for (let i = 0; i < ours; i++) this.#mounts.push(join(this.root, `ours${i}`))
    for (const folder of this.#mounts) mountDisk(folder, mebibytes)
  }

  #startOurs(index: number, options: MixedOptions): Promise<OurDataNode> {
    const folder = join(this.root, `ours${index}`)
    const more = options.options?.(index) ?? {}
    const dirs = (more.dirs ?? ['data']).map((dir) => dir.replace(/^(\[.*\])?/, `$1${folder}/`))
    const { host, port } = this.hadoop
    const all = { heartbeatIntervalMs: 1000, ...more, namenode: { host, port }, dirs, user: 'root' }
    return OurDataNode.start(all, join(this.root, `ours${index}.log`))
  }

  /** Java's shell: `fs('-ls', '/')`; fails with what it says when it fails. */
  async fs(...args: string[]): Promise<string> {
    const result = await this.shell.fs(...args)
    assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`)
    return result.stdout
  }

  async admin(...args: string[]): Promise<string> {
    const result = await this.shell.admin(...args)
    assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}${result.stdout}`)
    return result.stdout
  }

  /** What `hdfs fsck PATH -files -blocks -locations` prints, from the page that it asks for it. */
  async fsck(path: string): Promise<string> {
    const query = new URLSearchParams({ ugi: 'root', files: '1', blocks: '1', locations: '1', path })
    const response = await fetch(`http://${this.hadoop.host}:${this.hadoop.httpPort}/fsck?${query}`)
    return await response.text()
  }

  /** Waits until every block below the path has `replicas` good ones and nothing is wrong; returns what fsck says. */
  async healthy(path: string, replicas?: number, limitMs = 60_000): Promise<string> {
    let said = ''
    try {
      return await until('health', limitMs, async () => {
        said = await this.fsck(path)
        const counts = [...said.matchAll(/Live_repl=(\d+)/g)].map((match) => Number(match[1]))
        const enough = replicas === undefined || counts.every((count) => count === replicas)
        const calm = /is HEALTHY/.test(said) && !/Under-replicated blocks:\s+[1-9]/.test(said)
        return calm && enough && said
      })
    } catch (error) {
      throw new Error(`wait until ${path} is healthy: found\n${said}`, { cause: error })
    }
  }

  /** SHA-256 of a file as Java's client reads it. */
  async javaDigest(path: string): Promise<string> {
    const copy = join(this.root, 'copy')
    rmSync(copy, { force: true })
    await this.fs('-get', path, copy)
    return sha256(readFileSync(copy))
  }

  /** SHA-256 of a file as our client reads it. */
  async ourDigest(path: string): Promise<string> {
    return sha256(await this.client.readFile(path))
  }

  /** Both clients read what was written. */
  async assertContent(path: string, content: Uint8Array): Promise<void> {
    const wanted = sha256(content)
    assert.equal(await this.javaDigest(path), wanted, `${path} as Java reads it`)
    assert.equal(await this.ourDigest(path), wanted, `${path} as Cairn reads it`)
  }

  /** By Java's shell; waits until the last block has its new length, for which `-w` of the shell does not wait. */
  async truncate(path: string, length: number): Promise<void> {
    await this.fs('-truncate', String(length), path)
    await this.untilClosed(path)
  }

  /** Waits until the NameNode counts the file as complete. */
  async untilClosed(path: string, limitMs = 60_000): Promise<void> {
    await until(`the close of ${path}`, limitMs, async () => {
      return (await this.client.call('isFileClosed', { src: path })).result
    })
  }

  async liveNodes(): Promise<LiveNode[]> {
    return Object.values(JSON.parse(await this.#jmx('NameNodeInfo', 'LiveNodes')))
  }

  async nodeAt(address: string): Promise<LiveNode | undefined> {
    return (await this.liveNodes()).find((node) => node.xferaddr === address)
  }

  untilLive(count: number, limitMs = 60_000): Promise<true> {
    return until(`${count} live DataNodes`, limitMs, async () => {
      const nodes = await this.liveNodes().catch(() => [])
      return nodes.length === count
    })
  }

  async #jmx(name: string, field: string): Promise<string> {
    const { host, httpPort } = this.hadoop
    const response = await fetch(
      `http://${host}:${httpPort}/jmx?get=Hadoop:service=NameNode,name=${name}::${field}`,
    )
    const { beans } = (await response.json()) as { beans: Record<string, string>[] }
    return beans[0]?.[field] ?? '{}'
  }

  /** A number of the NameNode's, as `FSNamesystem` has it: `MissingBlocks`, `CorruptBlocks`, … */
  async figure(field: string): Promise<number> {
    return Number(await this.#jmx('FSNamesystem', field))
  }

  async close(): Promise<void> {
    await this.client?.close()
    await this.shell?.close()
    await Promise.all(this.ours.map((node) => node.stop()))
    await this.hadoop?.stop()
    for (const folder of this.#mounts) execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
    if (process.env.CAIRN_KEEP === undefined) rmSync(this.root, { recursive: true, force: true })
  }
}

/** A short name of bytes that differs when they do. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Replica files below storage directories: name without path, and where. */
export function blockFiles(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.name.startsWith('blk_')) found.set(entry.name, join(entry.parentPath, entry.name))
    }
  }
  return found
}

function mountDisk(folder: string, mebibytes: number): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
}

/** Whether this process may mount disks. */
export function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-mount-'))
  try {
    mountDisk(folder, 1)
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
