import type { DataNode, DataNodeStatus } from '@cairn/datanode'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { readDataNodeConfiguration } from '../datanode/datanode-configuration.ts'
import { CommandError, codeOf, UsageError } from '../errors.ts'
import { globalFlags } from '../globals.ts'

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** What is under way at a stop gets this long; then the process ends all the same. */
const stopMs = 15_000

/** `cairn datanode`. */
export const datanode = defineCommand({
  name: 'datanode',
  summary: 'run a DataNode of a Hadoop cluster',
  usage: ['--namenode hdfs://HOST:PORT --dir D … [--port P] …', '[--conf-dir D]'],
  cleansUp: true,
  readsConfFiles: true,
  operands: 'none',
  flags: {
    namenode: {
      names: ['--namenode'],
      value: 'hdfs://HOST:PORT',
      repeated: true,
      help: 'the NameNode; again for the others of an HA group, or a nameservice of the configuration',
    },
    dir: {
      names: ['--dir'],
      value: '[TYPE]D',
      repeated: true,
      help: 'where blocks are kept; a type such as [SSD] may stand before it',
    },
    host: {
      names: ['--host'],
      value: 'H',
      help: 'address to listen on. Default: the one that leads to the NameNode',
    },
    port: { names: ['--port'], value: 'P', help: 'port of data transfer; 0: a free one. Default 9866' },
    ipcPort: { names: ['--ipc-port'], value: 'P', help: 'port of RPC. Default 9867' },
    web: { names: ['--web'], value: 'P', help: 'port of the status page. Default 9864' },
    hostname: { names: ['--hostname'], value: 'NAME', help: 'name to register under. Default: the system’s' },
    confDir: {
      names: ['--conf-dir'],
      value: 'D',
      help: 'folder of core-site.xml and hdfs-site.xml. Default HADOOP_CONF_DIR',
    },
    conf: globalFlags.conf,
    user: globalFlags.user,
    rollback: {
      names: ['--rollback'],
      help: 'put back what a rolling upgrade, or an upgrade that was not finalized, has changed',
    },
    announceRestart: {
      names: ['--announce-restart'],
      help: 'at SIGTERM tell writers to wait: this node comes back at once',
    },
    logLevel: { names: ['--log-level'], value: 'L', help: `${logLevels.join(', ')}. Default info` },
  },
  examples: [
    [
      'cairn datanode --namenode hdfs://nn1:8020 --dir /d/1 --dir [SSD]/d/2',
      'Join a Hadoop cluster with two disks.',
    ],
    [
      'HADOOP_CONF_DIR=/etc/hadoop/conf cairn datanode',
      'NameNodes, directories and ports from core-site.xml and hdfs-site.xml, HA and federation included.',
    ],
    [
      'cairn datanode --namenode nn1:8020 --namenode nn2:8020 --dir /data/1',
      'The two NameNodes of an HA pair.',
    ],
    [
      'cairn datanode --namenode localhost:8020 --dir d --port 0 --ipc-port 0 --web 0',
      'Beside another DataNode on one machine: free ports.',
    ],
  ],
  notes: [
    'When the NameNode has this node’s blocks, one line goes to standard output: ready HOST:PORT ipc HOST:PORT web http://HOST:PORT. A NameNode that is away is asked again for ever. Logs go to standard error, one JSON object per line.',
    'SIGTERM and Ctrl-C stop the node in order, within 15 seconds; a second one at once. The exit code is 0 after that and after hdfs dfsadmin -shutdownDatanode, 1 when the node cannot go on: refused by its NameNodes, or too many disks have failed.',
    '--conf takes the name of one more configuration file, too. Every setting is in docs/datanode-configuration.md.',
    'The directories are laid out as Java’s DataNode does it: either can take over from the other. Racks are resolved by the NameNode (net.topology.script.file.name), from the address.',
  ],
  async run(context, { flags, operands }) {
    if (operands.length > 0) throw new UsageError(`datanode takes no '${operands[0]}'`)
    const level = logLevels.find((name) => name === (flags.logLevel ?? 'info'))
    if (level === undefined) throw new UsageError(`--log-level takes one of ${logLevels.join(', ')}`)
    const { env, cwd } = context.io
    const { options, unknown } = await readDataNodeConfiguration(flags, { env, cwd })
    const [{ startDataNode }, { createLogger }] = await Promise.all([
      import('@cairn/datanode'),
      import('@cairn/cluster'),
    ])
    const logger = await createLogger(level)
    if (unknown.length > 0)
      logger.warn({ keys: unknown }, 'the configuration has DataNode settings that are not obeyed here')
    const user = flags.user ?? env.HADOOP_USER_NAME
    const node = await startDataNode({
      ...options,
      rollback: flags.rollback,
      logger,
      ...(user ? { user } : {}),
    }).catch(explain)
    return await live(context, node, flags.announceRestart)
  },
})

/** Until a signal, an administrator or a failure ends it. */
async function live(context: Context, node: DataNode, announceRestart: boolean): Promise<number> {
  const aborted = new Promise<'aborted'>((resolve) => {
    if (context.signal.aborted) resolve('aborted')
    else context.signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
  let refusal: unknown
  const isReady = node.ready().then(
    () => 'ready' as const,
    (error: unknown) => {
      refusal = error
      return node.stopped
    },
  )
  const first = await Promise.race([isReady, aborted, node.stopped])
  if (first === 'ready') await tellReady(context, node.status())
  const end = first === 'aborted' ? first : await Promise.race([aborted, node.stopped])
  if (end === 'aborted') return await stop(node, announceRestart)
  failed(node.status(), refusal)
  return 0
}

async function tellReady(context: Context, status: DataNodeStatus): Promise<void> {
  const { address, ipcAddress, httpPort, uuid } = status
  const webUrl = `http://${address.slice(0, address.lastIndexOf(':'))}:${httpPort}`
  if (context.isJson) context.printJson({ address, ipcAddress, webUrl, uuid })
  else context.print(`ready ${address} ipc ${ipcAddress} web ${webUrl}\n`)
  await context.io.stdout.flush()
}

/** What is on disk is safe at any moment: the deadline costs the peers a broken connection, nothing else. */
async function stop(node: DataNode, restarting: boolean): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(1), stopMs)
  })
  const code = await Promise.race([node.close({ restarting }).then(() => 0), late])
  clearTimeout(timer)
  if (code === 0) return 0
  throw new CommandError(`the DataNode did not stop within ${stopMs / 1000} s`, { code: 'ERR_CLI_STOP' })
}

/** Throws when the node ended because it could not go on. */
function failed(status: DataNodeStatus, refusal: unknown): void {
  if (status.namenodes.length > 0 && status.namenodes.every(({ state }) => state === 'refused')) {
    const reason = refusal instanceof Error ? refusal.message : 'the log says why'
    throw new CommandError(`no NameNode takes this DataNode: ${reason}`, { code: 'ERR_CLI_REFUSED' })
  }
  if (status.volumes.length === 0 || status.failedVolumes.length > 0) {
    const paths = status.failedVolumes.map(({ path }) => path).join(', ')
    throw new CommandError(`too many disks have failed: ${paths}`, {
      hint: 'repair them, or allow more with dfs.datanode.failed.volumes.tolerated',
      code: 'ERR_CLI_DISKS',
    })
  }
}

/** Says what to do about a start that failed. */
function explain(error: unknown): never {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'choose another port: --port, --ipc-port, --web (0 takes a free one)',
    EADDRNOTAVAIL: '--host takes an address of this machine, or 0.0.0.0 for all',
    EACCES: 'give the directory to the user that this process runs as',
    ERR_DN_DIRECTORY_LOCKED: 'end the DataNode that runs there, or name another directory',
    ERR_DN_STORAGE_IDENTITY: 'name the directories of one DataNode, or empty ones',
  }
  const hint = code === undefined ? undefined : hints[code]
  throw hint === undefined ? error : new CommandError(message, { hint, code: code!, cause: error })
}
