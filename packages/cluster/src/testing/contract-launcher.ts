/**
 * Starts clusters for Apache's own compiled tests, which a stand-in for `MiniDFSCluster` sends here: one JSON object a
 * line on standard input, one answer a line on standard output. `README.md` has the protocol.
 *
 *     {"id":1,"cluster":0,"cmd":"start","datanodes":3,"dir":"/tmp/x","conf":{"dfs.blocksize":"1024"}}
 *     {"id":1,"ok":true,"rpc":"127.0.0.1:41235","http":"127.0.0.1:0","datanodes":[{"id":0,"uuid":"…",…}]}
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { JavaNameNodes } from '@cairn/testkit'
import { createLogger, type LogLevel, withFields } from '../logger.ts'
import { ContractCluster, type StartRequest } from './contract-cluster.ts'
import { type ContractNamenode, OurNamenode } from './contract-namenode.ts'
import { JavaNamenode } from './java-namenode.ts'
import { UnsupportedError } from './unsupported-error.ts'

/** Any request; which fields there are depends on `cmd`. */
interface Request extends Partial<Omit<StartRequest, 'racks' | 'hosts'>> {
  readonly id: number
  readonly cluster: number
  readonly cmd: string
  readonly wait?: boolean
  readonly index?: number
  readonly dn?: number
  readonly keepPort?: boolean
  readonly count?: number
  /** Lists come as such with `start`, as text with `addDataNodes`. */
  readonly racks?: readonly string[] | string
  readonly hosts?: readonly string[] | string
  readonly user?: string
  readonly groups?: readonly string[]
  readonly block?: number
  readonly gs?: number
  readonly soft?: number
  readonly hard?: number
  readonly uuid?: string
}

/** `--namenode java`, or `java:3.5.0`: Cairn's DataNodes with Apache's NameNode of that release. */
const [kind, version] = (process.argv[process.argv.indexOf('--namenode') + 1] ?? '').split(':')
const java = process.argv.includes('--namenode') && kind === 'java' ? new JavaNameNodes(version) : undefined

const logger = await createLogger((process.env.CAIRN_LOG_LEVEL ?? 'warn') as LogLevel)
const groups = new Map<string, readonly string[]>()
const clusters = new Map<number, ContractCluster>()
/** Where what was formatted last for a test's directory lies. */
const directories = new Map<string, string>()

const listOf = (value: readonly string[] | string | undefined): readonly string[] =>
  typeof value === 'string' ? value.split(',').filter(Boolean) : (value ?? [])

/** What would put parts of Java in a server's place. */
const unsupportedSettings = ['dfs.datanode.fsdataset.factory', 'dfs.block.replicator.classname']

/** A new directory for what is formatted: tests do so while another cluster still runs there. */
function directoryFor(dir: string, format: boolean): string {
  const last = directories.get(dir)
  if (last !== undefined && !format) return last
  const next = join(dir, `cairn-${directories.size}-${randomBytes(4).toString('hex')}`)
  directories.set(dir, next)
  return next
}

async function start(request: Request): Promise<object> {
  for (const name of unsupportedSettings)
    if (request.conf?.[name] !== undefined) throw new UnsupportedError(name)
  await clusters.get(request.cluster)?.close()
  const { datanodes = 1, conf = {}, hosts, racks, ...rest } = request
  const dir = directoryFor(request.dir ?? '', request.format ?? true)
  const full = { ...rest, datanodes, dir, conf, hosts: listOf(hosts), racks: listOf(racks) }
  const namenode = namenodeFor(full)
  for (const [user, names] of Object.entries(request.users ?? {})) await setGroups(namenode, user, names)
  const cluster = new ContractCluster(full, namenode, logger)
  clusters.set(request.cluster, cluster)
  return await cluster.start()
}

let namenodes = 0

function namenodeFor(request: StartRequest): ContractNamenode {
  if (java !== undefined) return new JavaNamenode(java, namenodes++, request)
  return new OurNamenode(request, groups, withFields(logger, { role: 'namenode' }))
}

async function setGroups(namenode: ContractNamenode, user: string, names: readonly string[]): Promise<void> {
  groups.set(user, names)
  await namenode.setGroups(user, names)
}

async function answer(request: Request): Promise<object> {
  if (request.cmd === 'start') return await start(request)
  if (request.cmd === 'userGroups') {
    const { user = '', groups: names = [] } = request
    for (const { namenode } of clusters.values()) await setGroups(namenode, user, names)
    groups.set(user, names)
    return {}
  }
  const cluster = clusters.get(request.cluster)
  if (cluster === undefined) throw new Error(`${request.cmd}: there is no cluster ${request.cluster}`)
  switch (request.cmd) {
    case 'stop':
      await cluster.close()
      return {}
    case 'stopNameNode':
      await cluster.stopNamenode()
      return {}
    case 'restartNameNode':
      return await cluster.restartNamenode(request.wait ?? true)
    case 'stopDataNode':
      return await cluster.stopDatanode(request.index ?? 0)
    case 'startDataNode':
      return await cluster.startDatanode(request.dn ?? 0, request.keepPort ?? false)
    case 'addDataNodes':
      return await cluster.addDatanodes(request.count ?? 1, listOf(request.racks), listOf(request.hosts))
    case 'triggerHeartbeats':
      await cluster.untilHeartbeats()
      return {}
    case 'triggerBlockReports':
    case 'triggerDeletionReports':
      await cluster.triggerBlockReports()
      return {}
    case 'setLeasePeriod':
      await cluster.namenode.setLeaseLimits(request.soft ?? 0, request.hard ?? 0)
      return {}
    case 'markDataNodeDead':
      await cluster.namenode.markDead(request.uuid ?? '')
      return {}
    case 'corruptBlock':
      return { count: cluster.corruptBlock(request.block ?? 0, request.gs ?? 0, request.index) }
    default:
      throw new UnsupportedError(request.cmd)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request
  let reply: object
  try {
    reply = { ok: true, ...(await answer(request)) }
  } catch (error) {
    const unsupported = error instanceof UnsupportedError
    if (!unsupported) logger.error({ err: error, cmd: request.cmd }, 'request failed')
    reply = { ok: false, error: (error as Error).message, unsupported }
  }
  process.stdout.write(`${JSON.stringify({ id: request.id, ...reply })}\n`)
}
await Promise.all([...clusters.values()].map((cluster) => cluster.close()))
await java?.close()
