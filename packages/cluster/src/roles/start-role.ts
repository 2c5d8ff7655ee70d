import type { Logger } from '../logger.ts'
import { withFields } from '../logger.ts'
import { datanodeOptions, namenodeOptions } from './hadoop-conf.ts'
import { namenodeReport } from './namenode-report.ts'
import type { DatanodeSpec, NamenodeSpec, Role, RoleSpec } from './role.ts'

/** Starts a role in this process; resolves when it listens. `onFatal` runs when it has given up by itself. */
export function startRole(spec: RoleSpec, logger: Logger, onFatal: (error: Error) => void): Promise<Role> {
  return spec.kind === 'namenode'
    ? startNamenode(spec, logger, onFatal)
    : startDatanode(spec, logger, onFatal)
}

async function startNamenode(
  spec: NamenodeSpec,
  logger: Logger,
  onFatal: (error: Error) => void,
): Promise<Role> {
  // Loaded here, so that a process loads what it runs and nothing else.
  const { startNameNode } = await import('@cairn/namenode')
  const namenode = await startNameNode({
    ...namenodeOptions(spec),
    ...(spec.dir === undefined ? {} : { dir: spec.dir }),
    host: spec.host,
    port: spec.port,
    rpcVersions: spec.rpc,
    logger: withFields(logger, { role: 'namenode' }),
    minDatanodes: spec.datanodes,
    onFatal,
  })
  return {
    address: namenode.address,
    pid: process.pid,
    report: async () => namenodeReport(namenode.status(), Date.now()),
    close: () => namenode.close(),
  }
}

async function startDatanode(
  spec: DatanodeSpec,
  logger: Logger,
  onFatal: (error: Error) => void,
): Promise<Role> {
  const { startDataNode } = await import('@cairn/datanode')
  const datanode = await startDataNode({
    ...(await datanodeOptions(spec)),
    ...(spec.dir === undefined ? { memoryBytes: spec.memoryBytes } : { dirs: [spec.dir] }),
    namenode: spec.namenode,
    host: spec.host,
    port: spec.port,
    rpcVersions: spec.rpc,
    logger: withFields(logger, { role: 'datanode', index: spec.index }),
  })
  let isClosing = false
  void datanode.stopped.then(() => {
    if (!isClosing) onFatal(new Error('it has stopped; the log says why'))
  })
  return {
    address: datanode.address,
    pid: process.pid,
    report: async () => undefined,
    close: () => {
      isClosing = true
      return datanode.close()
    },
  }
}
