import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { JavaNameNodes } from '@cairn/testkit'
import type { StartRequest } from './contract-cluster.ts'
import type { ContractNamenode } from './contract-namenode.ts'

const pollMs = 50

/** Apache Hadoop's NameNode, in a JVM that the launcher's clusters share: so Cairn's DataNodes are judged alone. */
export class JavaNamenode implements ContractNamenode {
  port = 0
  httpPort = 0
  readonly #java: JavaNameNodes
  readonly #number: number
  readonly #request: StartRequest
  #state: 'new' | 'running' | 'stopped' | 'closed' = 'new'

  constructor(java: JavaNameNodes, number: number, request: StartRequest) {
    this.#java = java
    this.#number = number
    this.#request = request
  }

  async start(): Promise<void> {
    const { conf, dir, format = true, nnPort = 0, nnHttpPort = 0 } = this.#request
    const settings = Object.entries({
      // What Java's MiniDFSCluster says when it starts DataNodes: they are many on one address.
      'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
      ...conf,
    }).filter(([name]) => name !== 'fs.defaultFS' && name !== 'hdfs.minidfs.basedir')
    const place = [join(dir, 'namenode'), String(format), String(nnPort), String(nnHttpPort)]
    const ports =
      this.#state === 'new'
        ? await this.#ask('start', ...place, ...settings.flat())
        : await this.#ask('restart')
    this.#state = 'running'
    const [port, httpPort] = ports.split(' ')
    this.port = Number(port)
    this.httpPort = Number(httpPort)
  }

  async stop(): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'stopped'
    await this.#ask('stop')
  }

  async close(): Promise<void> {
    if (this.#state === 'new' || this.#state === 'closed') return
    this.#state = 'closed'
    await this.#ask('close')
  }

  async ready(signal: AbortSignal): Promise<void> {
    while ((await this.#ask('safemode')) === 'true') await delay(pollMs, undefined, { signal })
  }

  async setLeaseLimits(softMs: number, hardMs: number): Promise<void> {
    await this.#ask('leases', String(softMs), String(hardMs))
  }

  async setGroups(user: string, groups: readonly string[]): Promise<void> {
    await this.#ask('groups', user, ...groups)
  }

  async setRack(hostName: string, rack: string): Promise<void> {
    await this.#ask('rack', hostName, rack)
  }

  async markDead(uuid: string): Promise<void> {
    await this.#ask('dead', uuid)
  }

  #ask(command: string, ...args: readonly string[]): Promise<string> {
    return this.#java.ask(this.#number, command, ...args)
  }
}
