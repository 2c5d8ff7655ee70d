import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { HdfsClient } from '@cairn/hdfs-client'
import { Cluster, type ClusterParts, readStatus, untilReady } from './cluster.ts'
import { ClusterError } from './cluster-error.ts'
import { type ClusterOptions, type ClusterSettings, clusterSettings } from './cluster-options.ts'
import { type Address, type Role, type RoleSpec, roleName } from './roles/role.ts'
import { startRole } from './roles/start-role.ts'
import type { WebServer } from './web/web-server.ts'

/** DataNodes in memory take this part of the machine's at most, together. */
const memoryDivisor = 2

/**
 * Starts a NameNode and its DataNodes; resolves when the first write can succeed. Whatever was started is ended again
 * when something fails. Rejects with ClusterError, or with `signal.reason`.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const settings = clusterSettings(options)
  options.signal?.throwIfAborted()
  const started: Role[] = []
  const others: (() => Promise<void>)[] = []
  const failure = failureSwitch()
  const launch = async (spec: RoleSpec): Promise<Role> => {
    const role = await startOrExplain(spec, settings, failure.fail)
    started.push(role)
    return role
  }
  try {
    const namenode = await launch(namenodeSpec(settings))
    const url = `hdfs://${formatAddress(namenode.address)}`
    const specs = Array.from({ length: settings.datanodes }, (_, i) =>
      datanodeSpec(settings, i + 1, namenode.address),
    )
    const datanodes = await allOrNone(specs.map(launch))
    const parts = { url, namenode, datanodes }
    const web = await startWeb(settings, parts, others)
    const { timeoutMs, signal } = { timeoutMs: settings.startTimeoutMs, signal: options.signal }
    await untilReady(parts, { timeoutMs, signal, failed: failure.failed })
    return new Cluster({
      ...parts,
      web: web?.server,
      webUrl:
        web === undefined ? undefined : `http://${formatAddress({ host: settings.host, port: web.port })}`,
      failed: failure.failed,
      closeOthers: async () => void (await Promise.all(others.map((close) => close()))),
    })
  } catch (error) {
    await Promise.allSettled(others.map((close) => close()))
    await Promise.allSettled(started.reverse().map((role) => role.close()))
    throw error
  }
}

/** A promise that rejects when a role is given up; nobody need wait for it. */
function failureSwitch(): { failed: Promise<never>; fail: (error: ClusterError) => void } {
  let fail: (error: ClusterError) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => {
    // Told to those who wait for it; a cluster whose owner does not wait goes on with what it has.
  })
  return { failed, fail }
}

/** Waits for all, also when one fails, so that no role comes up after the clean-up. */
async function allOrNone<T>(starting: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(starting)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

async function startOrExplain(
  spec: RoleSpec,
  settings: ClusterSettings,
  onFailure: (error: ClusterError) => void,
): Promise<Role> {
  try {
    if (!settings.processes) {
      return await startRole(spec, settings.logger, (error) => {
        const text = `keep the ${roleName(spec)} running: ${error.message}`
        onFailure(new ClusterError('ERR_CLUSTER_ROLE_FAILED', text, { cause: error }))
      })
    }
    const { SupervisedRole } = await import('./roles/supervised-role.ts')
    return await SupervisedRole.start(spec, settings.logger, onFailure)
  } catch (error) {
    throw explain(error, roleName(spec), { host: spec.host, port: spec.port }, spec.dir)
  }
}

/** Says in the user's words why something did not start; what needs no other words is handed on. */
function explain(error: unknown, name: string, address: Address, dir?: string): unknown {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException
  const where = formatAddress(address)
  if (code === 'EADDRINUSE') {
    return new ClusterError(
      'ERR_CLUSTER_PORT_TAKEN',
      `start the ${name} on ${where}: the port is taken; end what listens there, or choose another port (0 takes a free one)`,
      { cause: error },
    )
  }
  if (code.endsWith('_LOCKED')) {
    return new ClusterError(
      'ERR_CLUSTER_DIRECTORY_IN_USE',
      `start the ${name} in ${dir}: ${message}; another cluster may be running there`,
      { cause: error },
    )
  }
  return error
}

function namenodeSpec(settings: ClusterSettings): RoleSpec {
  const { dir, host, port, datanodes, rpc, conf } = settings
  return { kind: 'namenode', dir: dir && join(resolve(dir), 'namenode'), host, port, datanodes, rpc, conf }
}

function datanodeSpec(settings: ClusterSettings, index: number, namenode: Address): RoleSpec {
  const { dir, host, rpc, conf } = settings
  return {
    kind: 'datanode',
    index,
    dir: dir && join(resolve(dir), `datanode-${index}`),
    memoryBytes: Math.floor(totalmem() / memoryDivisor / settings.datanodes),
    host,
    port: 0,
    namenode,
    rpc,
    conf,
  }
}

function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

async function startWeb(
  settings: ClusterSettings,
  parts: Pick<ClusterParts, 'url' | 'namenode' | 'datanodes'>,
  others: (() => Promise<void>)[],
): Promise<{ server: WebServer; port: number } | undefined> {
  if (settings.web === undefined) return undefined
  const [{ WebServer }, { Metrics }] = await Promise.all([
    import('./web/web-server.ts'),
    import('./metrics.ts'),
  ])
  const startedAt = Date.now()
  const metrics = new Metrics()
  let client: Promise<HdfsClient> | undefined
  const server = new WebServer(
    {
      url: parts.url,
      status: async () => {
        const status = await readStatus(parts, startedAt)
        if (status === undefined)
          throw new ClusterError('ERR_CLUSTER_ROLE_FAILED', 'the NameNode does not answer')
        return status
      },
      client: () => {
        client ??= import('@cairn/hdfs-client').then(({ connect }) =>
          connect(parts.url, { user: settings.webUser, confDir: false, lazy: true, retryMs: 5_000 }),
        )
        return client
      },
      metrics: (status) => metrics.text(status),
    },
    { host: settings.host, logger: settings.logger },
  )
  others.push(async () => {
    await server.close()
    await (await client)?.close()
  })
  try {
    return { server, port: await server.listen(settings.web) }
  } catch (error) {
    throw explain(error, 'web page', { host: settings.host, port: settings.web })
  }
}
