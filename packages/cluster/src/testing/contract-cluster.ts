import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type DataNode, startDataNode } from '@cairn/datanode'
import type { Logger } from '../logger.ts'
import { withFields } from '../logger.ts'
import { datanodeOptions } from '../roles/hadoop-conf.ts'
import type { ContractNamenode } from './contract-namenode.ts'
import { corruptBlockFile } from './corrupt-block-file.ts'

/** What a test asks for; the fields of `MiniDFSCluster.Builder`. */
export interface StartRequest {
  readonly conf: Readonly<Record<string, string>>
  readonly datanodes: number
  readonly dir: string
  /** False: go on with what is in `dir`. */
  readonly format?: boolean
  readonly nnPort?: number
  readonly nnHttpPort?: number
  readonly waitSafeMode?: boolean
  readonly storagesPerDatanode?: number
  readonly hosts?: readonly string[]
  readonly racks?: readonly string[]
  readonly storageTypes?: readonly string[]
  readonly storageTypesPerDn?: readonly (readonly string[] | null)[]
  /** Groups of users that the test invented. */
  readonly users?: Readonly<Record<string, readonly string[]>>
}

/** A DataNode of the cluster, running or stopped. */
interface Member {
  readonly id: number
  readonly dirs: readonly string[]
  readonly hostName: string | undefined
  node: DataNode | undefined
  port: number
  ipcPort: number
}

const storagesDefault = 2
const waitMs = 60_000

/** A NameNode and DataNodes that can be stopped and started one by one. */
export class ContractCluster {
  readonly namenode: ContractNamenode
  readonly #request: StartRequest
  readonly #logger: Logger
  #isNamenodeUp = false
  /** Those that run, in the order in which the test counts them. */
  #members: Member[] = []
  readonly #stopped = new Map<number, Member>()
  #nextId = 0

  constructor(request: StartRequest, namenode: ContractNamenode, logger: Logger) {
    this.#request = request
    this.namenode = namenode
    this.#logger = logger
  }

  async start(): Promise<object> {
    const { datanodes, hosts, racks } = this.#request
    await this.#startNamenode()
    const members = []
    for (let i = 0; i < datanodes; i++) members.push(await this.#newMember(hosts?.[i], racks?.[i]))
    await Promise.all(members.map((member) => this.#startMember(member)))
    // In the order of their numbers, whoever was ready first.
    this.#members.sort((a, b) => a.id - b.id)
    await this.#untilReady()
    return this.#state()
  }

  async stopNamenode(): Promise<void> {
    this.#isNamenodeUp = false
    await this.namenode.stop()
  }

  async restartNamenode(wait: boolean): Promise<object> {
    await this.stopNamenode()
    const since = Date.now()
    await this.#startNamenode()
    if (wait) {
      await this.#untilReady()
      // With few blocks a NameNode is ready before anybody has told it where they are.
      await this.#until(({ node }) => (node?.status().namenodes[0]?.lastFullReportMs ?? 0) >= since)
    }
    return this.#state()
  }

  async stopDatanode(index: number): Promise<object> {
    const [member] = this.#members.splice(index, 1)
    if (member === undefined) throw new Error(`stop DataNode: there is none at ${index}`)
    this.#stopped.set(member.id, member)
    await member.node?.close()
    member.node = undefined
    return this.#state()
  }

  async startDatanode(id: number, keepPort: boolean): Promise<object> {
    const member = this.#stopped.get(id)
    if (member === undefined) throw new Error(`start DataNode: none of number ${id} is stopped`)
    this.#stopped.delete(id)
    if (!keepPort) Object.assign(member, { port: 0, ipcPort: 0 })
    await this.#startMember(member)
    return this.#state()
  }

  async addDatanodes(count: number, racks: readonly string[], hosts: readonly string[]): Promise<object> {
    for (let i = 0; i < count; i++) await this.#startMember(await this.#newMember(hosts[i], racks[i]))
    return this.#state()
  }

  /** Waits until every DataNode has been heard from now on. */
  async untilHeartbeats(): Promise<void> {
    const since = Date.now()
    await this.#until(({ node }) => (node?.status().namenodes[0]?.lastHeartbeatMs ?? 0) > since)
  }

  async triggerBlockReports(): Promise<void> {
    const since = Date.now()
    for (const { node } of this.#members) node?.triggerBlockReport()
    await this.#until(({ node }) => (node?.status().namenodes[0]?.lastFullReportMs ?? 0) >= since)
  }

  /** Damages a block's file on one DataNode or on all; returns on how many. */
  corruptBlock(blockId: number, generationStamp: number, index: number | undefined): number {
    const members = index === undefined ? this.#members : this.#members.slice(index, index + 1)
    const dirs = members.flatMap((member) => member.dirs)
    return dirs.filter((dir) => corruptBlockFile(dir, blockId, generationStamp)).length
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.node?.close()))
    this.#isNamenodeUp = false
    await this.namenode.close()
  }

  async #startNamenode(): Promise<void> {
    await this.namenode.start()
    this.#isNamenodeUp = true
  }

  async #newMember(hostName: string | undefined, rack: string | undefined): Promise<Member> {
    const { dir, storageTypes, storageTypesPerDn, storagesPerDatanode } = this.#request
    const id = this.#nextId++
    const types = storageTypesPerDn?.[id] ?? storageTypes
    const count = types?.length ?? storagesPerDatanode ?? storagesDefault
    const dirs = Array.from({ length: count }, (_, i) => {
      const path = join(dir, 'data', `data${id * count + i + 1}`)
      mkdirSync(path, { recursive: true })
      return types?.[i] === undefined ? path : `[${types[i]}]${path}`
    })
    // Racks go by host names: where a test gives none, Java's own MiniDFSCluster invents them too.
    const name = hostName ?? (rack === undefined ? undefined : `host${id}.example.com`)
    if (rack !== undefined) await this.namenode.setRack(name ?? '', rack)
    return { id, dirs, hostName: name, node: undefined, port: 0, ipcPort: 0 }
  }

  async #startMember(member: Member): Promise<void> {
    const { conf } = this.#request
    const namenode = { host: '127.0.0.1', port: this.namenode.port }
    const spec = { kind: 'datanode', index: member.id, dir: '', memoryBytes: 0, host: '127.0.0.1' } as const
    member.node = await startDataNode({
      ...(await datanodeOptions({ ...spec, port: member.port, namenode, conf })),
      namenode,
      dirs: member.dirs,
      port: member.port,
      ipcPort: member.ipcPort,
      ...(member.hostName === undefined ? {} : { hostName: member.hostName }),
      logger: withFields(this.#logger, { role: 'datanode', index: member.id }),
    })
    member.port = member.node.address.port
    member.ipcPort = member.node.ipcAddress.port
    this.#members.push(member)
    if (this.#isNamenodeUp) await member.node.ready()
  }

  /** As Java's waitClusterUp: without DataNodes nothing is waited for. */
  async #untilReady(): Promise<void> {
    if (this.#members.length === 0 || this.#request.waitSafeMode === false) return
    await this.namenode.ready(AbortSignal.timeout(waitMs))
  }

  async #until(done: (member: Member) => boolean): Promise<void> {
    const giveUpAt = performance.now() + waitMs
    while (!this.#members.every(done)) {
      if (performance.now() > giveUpAt) throw new Error(`wait for DataNodes: not done after ${waitMs} ms`)
      await delay(10)
    }
  }

  #state(): object {
    const datanodes = this.#members.map(({ id, node }) => ({
      id,
      uuid: node?.uuid,
      xfer: `127.0.0.1:${node?.address.port}`,
      ipc: `127.0.0.1:${node?.ipcAddress.port}`,
      http: '127.0.0.1:0',
    }))
    const { port, httpPort } = this.namenode
    const http = httpPort === 0 ? '127.0.0.1:0' : `localhost:${httpPort}`
    return { rpc: `127.0.0.1:${port}`, http, datanodes }
  }
}
