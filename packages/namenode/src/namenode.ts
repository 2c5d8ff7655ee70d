/** A NameNode on a TCP port: storage, RPC server and the timers that drive the core. */
import { userInfo } from 'node:os'
import { RpcServer } from '@cairn/hadoop-ipc'
import { hdfsGenerations, hdfsGenerationsOf } from '@cairn/hdfs-protocol'
import { forgetDatanode, orderTransfers } from './blocks/redundancy-work.ts'
import { Core, type LeaseLimits } from './core.ts'
import { type Environment, realEnvironment } from './environment.ts'
import type { Journal } from './journal/journal.ts'
import { MemoryJournal } from './journal/memory-journal.ts'
import { openNameNodeStorage } from './journal/open-storage.ts'
import { newNamespaceIdentity } from './journal/storage-format.ts'
import { type Logger, silentLogger } from './logger.ts'
import { Namespace } from './namespace/namespace.ts'
import { lookup } from './namespace/path.ts'
import { releaseExpiredLeases } from './operations/leases.ts'
import { type GroupsOf, staticGroups, systemGroups } from './permissions/groups.ts'
import { countCalls, RetryCache, services } from './rpc/services.ts'
import { defaultSettings, type Settings } from './settings.ts'
import { clusterFigures, datanodeStatuses, type NameNodeStatus } from './status.ts'

export interface NameNodeOptions extends Partial<Settings> {
  /** Where the namespace is kept; without it, it lives as long as this process. */
  readonly dir?: string | undefined
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string | undefined
  /** Port to listen on; 0 (the default) takes a free one. */
  readonly port?: number | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
  /** Groups of users; those not named here are looked up in the machine's group file. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined
  /** Asked for the groups of users that `groups` does not name; undefined: look them up in the machine's group file. */
  readonly groupsOf?: ((user: string) => readonly string[] | undefined) | undefined
  /** Time and chance. Default: the machine's. */
  readonly env?: Environment | undefined
  /** Transactions since the last image after which one is written by itself; dfs.namenode.checkpoint.txns. Default 1,000,000. */
  readonly checkpointTransactions?: number | undefined
  /**
   * Start although the journal's last segment is damaged, giving up the damaged transaction and all behind it. Default
   * false: the start is refused, because some of these were acknowledged.
   */
  readonly truncateDamagedTail?: boolean | undefined
  /** Versions of Hadoop RPC to speak; 4 and 7 are for clients of Hadoop 1 and of 2.0.0 to 2.0.2. Default: 9. */
  readonly rpcVersions?: readonly number[] | undefined
  /** DataNodes that `ready()` waits for. Default 1. */
  readonly minDatanodes?: number | undefined
  /** The journal failed: nothing can be acknowledged any more, and the NameNode has closed. */
  readonly onFatal?: ((error: Error) => void) | undefined
}

export interface NameNode extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number }
  /** Resolves when the first write can succeed: out of safe mode, with enough DataNodes. */
  ready(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  status(): NameNodeStatus
  /** Forgets users' groups, so that they are looked up again; `hdfs dfsadmin -refreshUserToGroupsMappings`. */
  refreshGroups(): void
  /** Changes how long writers that are not heard of keep their files. */
  setLeaseLimits(limits: LeaseLimits): void
  /** Ends calls and timers, makes all durable and releases the directory. */
  close(): Promise<void>
}

const rpcVersionsDefault: readonly number[] = [9]
/** Told to clients that are refused: they may be of a version that is nobody's. */
const moreGenerationsHint = 'cairn up --rpc 4,7,8,9 speaks 4, 7, 8 and 9'

/** Opens the namespace and listens; throws what opening the directory or the port throws. */
export async function startNameNode(options: NameNodeOptions = {}): Promise<NameNode> {
  const settings: Settings = { ...defaultSettings, superuser: processUser(), ...given(options) }
  const env = options.env ?? realEnvironment
  const logger = options.logger ?? silentLogger
  const failure: { report?: (error: Error) => void } = {}
  const retries = new RetryCache()
  const storage = await openStorage(options, settings, env, retries, (error) => failure.report?.(error))
  try {
    const system = systemGroups()
    const groupsOf: GroupsOf = staticGroups(
      options.groups ?? {},
      (user) => options.groupsOf?.(user) ?? system(user),
    )
    const { namespace, journal } = storage
    const core = new Core({ namespace, journal, env, settings, groupsOf })
    const calls = new Map<string, number>()
    const generations = hdfsGenerationsOf(options.rpcVersions ?? rpcVersionsDefault)
    const server = new RpcServer({
      services: services(core, retries).map((service) => countCalls(service, calls)),
      generations,
      moreGenerationsHint: generations.length < hdfsGenerations.length ? moreGenerationsHint : undefined,
      logger,
    })
    const address = await server.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
    core.hostName = isLoopback(address.host) ? 'localhost' : address.host
    const node = new RunningNameNode({ core, server, address, calls, logger, storage, options })
    failure.report = (error) => node.fail(error)
    core.onFatal = (error) => node.fail(error)
    logger.info({ ...address, dir: options.dir, inodes: namespace.inodes.size }, 'NameNode is listening')
    return node
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** Addresses that every machine calls by this name. */
function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

interface OpenStorage {
  readonly namespace: Namespace
  readonly journal: Journal
  close(): Promise<void>
}

async function openStorage(
  options: NameNodeOptions,
  settings: Settings,
  env: Environment,
  retries: RetryCache,
  onFailure: (error: Error) => void,
): Promise<OpenStorage> {
  const { superuser, supergroup } = settings
  const host = options.host ?? '127.0.0.1'
  if (options.dir !== undefined) {
    const { dir, logger, checkpointTransactions, truncateDamagedTail } = options
    return openNameNodeStorage({
      dir,
      checkpointTransactions,
      truncateDamagedTail,
      superuser,
      supergroup,
      host,
      now: () => env.now(),
      logger,
      onFailure,
      onReplay: (op, namespace) =>
        retries.replay(op, (path) => lookup(namespace, path)?.id ?? 0, env.elapsed()),
    })
  }
  const namespace = new Namespace(newNamespaceIdentity(host, env.now()), superuser, supergroup)
  namespace.root.modificationTime = env.now()
  const journal = new MemoryJournal()
  return { namespace, journal, close: () => journal.close() }
}

/** The user of this process, who is the superuser unless another is named. */
function processUser(): string {
  try {
    return process.env.HADOOP_USER_NAME ?? userInfo().username
  } catch {
    // A user id without an entry in the user database.
    return `${process.getuid?.() ?? 'root'}`
  }
}

/** Settings among the options; undefined ones do not hide defaults. */
function given(options: NameNodeOptions): Partial<Settings> {
  const entries = Object.entries(options).filter(
    ([name, value]) => name in defaultSettings && value !== undefined,
  )
  return Object.fromEntries(entries)
}

interface Parts {
  readonly core: Core
  readonly server: RpcServer
  readonly address: { readonly host: string; readonly port: number }
  readonly calls: ReadonlyMap<string, number>
  readonly logger: Logger
  readonly storage: OpenStorage
  readonly options: NameNodeOptions
}

class RunningNameNode implements NameNode {
  readonly address: { readonly host: string; readonly port: number }
  readonly #parts: Parts
  readonly #startedAt: number
  readonly #startedMs: number
  readonly #timers: NodeJS.Timeout[]
  #closing: Promise<void> | undefined
  #ended = false
  #waiting: { check(): void }[] = []
  #readyTimer: NodeJS.Timeout | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.address = parts.address
    const { env, settings } = parts.core
    this.#startedAt = env.now()
    this.#startedMs = env.elapsed()
    this.#timers = [
      this.#every(Math.min(settings.heartbeatRecheckMs, 1000), () => this.#checkDatanodes()),
      this.#every(settings.redundancyIntervalMs, () => orderTransfers(parts.core.blocks)),
      this.#every(settings.leaseRecheckMs, () => releaseExpiredLeases(parts.core)),
    ]
  }

  #every(intervalMs: number, work: () => void): NodeJS.Timeout {
    return setInterval(() => {
      try {
        work()
      } catch (error) {
        this.#parts.logger.error({ err: error }, 'background work failed')
      }
    }, intervalMs).unref()
  }

  #checkDatanodes(): void {
    const { core, logger } = this.#parts
    for (const datanode of core.datanodes.takeDead()) {
      const { ipAddr, xferPort } = datanode.address
      logger.warn({ uuid: datanode.uuid, address: `${ipAddr}:${xferPort}` }, 'DataNode is dead')
      forgetDatanode(core.blocks, datanode)
    }
    core.checkSafeMode()
  }

  #isReady(): boolean {
    const { core, options } = this.#parts
    // A DataNode can be written to from its first heartbeat on, which tells its storages.
    const usable = core.datanodes.live().filter((datanode) => datanode.storages.size > 0)
    return !core.blocks.safeMode.on && usable.length >= (options.minDatanodes ?? 1)
  }

  #checkReady(): void {
    for (const waiting of [...this.#waiting]) waiting.check()
    if (this.#waiting.length > 0) {
      this.#readyTimer ??= setInterval(() => this.#checkReady(), readyCheckMs)
    } else {
      clearInterval(this.#readyTimer)
      this.#readyTimer = undefined
    }
  }

  ready({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== entry)
        signal?.removeEventListener('abort', abort)
        finish()
      }
      const abort = (): void => end(() => reject(signal?.reason))
      const entry = {
        check: () => {
          if (this.#ended) end(() => reject(new Error('the NameNode is closed')))
          else if (this.#isReady()) end(resolve)
        },
      }
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      signal?.addEventListener('abort', abort)
      this.#waiting.push(entry)
      this.#checkReady()
    })
  }

  status(): NameNodeStatus {
    const { core, calls } = this.#parts
    const { namespace, blocks, journal, env } = core
    const directories = namespace.directoryCount
    return {
      ...clusterFigures(core),
      address: `${this.address.host}:${this.address.port}`,
      clusterId: namespace.identity.clusterId,
      blockPoolId: namespace.identity.blockPoolId,
      softwareVersion: core.settings.softwareVersion,
      startedAt: this.#startedAt,
      uptimeMs: env.elapsed() - this.#startedMs,
      safeMode: blocks.safeMode.on ? blocks.safeMode.tip(core.datanodes.liveCount) : undefined,
      files: namespace.inodes.size - directories,
      directories,
      blocks: namespace.blocks.size,
      openFiles: namespace.leases.openFiles,
      pendingTransfers: blocks.pending.size,
      excessBlocks: blocks.excess.size,
      lastTxId: journal.lastTxId,
      syncedTxId: journal.syncedTxId,
      datanodes: datanodeStatuses(core),
      calls,
    }
  }

  refreshGroups(): void {
    this.#parts.core.callers.forget()
  }

  setLeaseLimits(limits: LeaseLimits): void {
    this.#parts.core.leaseLimits = limits
  }

  /** The journal broke: what was not acknowledged must not be. */
  fail(error: Error): void {
    const { logger, options } = this.#parts
    logger.error({ err: error }, 'the journal failed, the NameNode stops')
    this.close().then(
      () => options.onFatal?.(error),
      () => options.onFatal?.(error),
    )
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#ended = true
    for (const timer of this.#timers) clearInterval(timer)
    const { server, storage, logger } = this.#parts
    this.#checkReady()
    await server.close()
    await storage.close()
    logger.info({ ...this.address }, 'NameNode is closed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** How often it is looked while somebody waits for `ready()`. */
const readyCheckMs = 5
