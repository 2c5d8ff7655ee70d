import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseConf } from '../clients.ts'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { globalFlags } from '../globals.ts'

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
/** DataNodes of one cluster on one machine; more share nothing but its disk. */
const datanodesMax = 64
/** The port of a NameNode in every Hadoop but 3.0.0. */
const defaultPort = '8020'

/** `cairn up`. */
export const up = defineCommand({
  name: 'up',
  summary: 'start a cluster on this machine',
  usage: ['[--dir D | --memory] [--datanodes N] [--port P] [--web P] …'],
  cleansUp: true,
  operands: 'none',
  flags: {
    dir: { names: ['--dir'], value: 'D', help: 'where the data is kept. Default ~/.local/share/cairn' },
    memory: { names: ['--memory'], help: 'keep everything in memory; it is gone at the end' },
    datanodes: { names: ['--datanodes'], value: 'N', help: 'number of DataNodes. Default 1' },
    port: {
      names: ['--port'],
      value: 'P',
      help: `port of the NameNode; 0: a free one. Default ${defaultPort}`,
    },
    web: { names: ['--web'], value: 'P', help: 'port of the web page; 0: a free one. Default 9870' },
    processes: { names: ['--processes'], help: 'each NameNode and DataNode in a process of its own' },
    host: { names: ['--host'], value: 'H', help: 'address of this machine to listen on. Default 127.0.0.1' },
    rpc: {
      names: ['--rpc'],
      value: 'V,…',
      help: 'versions of Hadoop RPC: 4 for Hadoop 1, 7 for 2.0.0 to 2.0.2, 8 for 2.0.3 to 2.0.6. Default 9',
    },
    conf: globalFlags.conf,
    logLevel: { names: ['--log-level'], value: 'L', help: `${logLevels.join(', ')}. Default warn` },
  },
  examples: [
    ['cairn up', 'NameNode and DataNode on this machine; Ctrl-C ends them.'],
    ['cairn up --memory --port 0 --web 0', 'For a test: free ports, nothing on disk.'],
    ['cairn up --dir ./data --datanodes 3 --processes', 'Three DataNodes, four processes.'],
    ['cairn up --rpc 4,7,9', 'Serves clients of Hadoop 1 and of 2.0 too.'],
  ],
  notes: [
    'When the first write can succeed, one line goes to standard output: ready hdfs://127.0.0.1:PORT web http://127.0.0.1:PORT. Logs go to standard error, one JSON object per line.',
    'There is no authentication: whoever reaches the ports may do anything. Keep to 127.0.0.1, the default.',
  ],
  async run(context, { flags, operands }) {
    if (operands.length > 0) throw new UsageError(`up takes no '${operands[0]}'`)
    if (flags.memory && flags.dir !== undefined) throw new UsageError('--memory and --dir exclude each other')
    const level = logLevels.find((name) => name === (flags.logLevel ?? 'warn'))
    if (level === undefined) throw new UsageError(`--log-level takes one of ${logLevels.join(', ')}`)
    const rpc = rpcVersionsOf(flags.rpc ?? '9')
    const dir = flags.memory ? undefined : directoryOf(context, flags.dir)
    const { createLogger, startCluster } = await import('@cairn/cluster')
    const starting = startCluster({
      ...(dir === undefined ? {} : { dir }),
      memory: flags.memory,
      datanodes: numberOf('--datanodes', flags.datanodes ?? '1', 1, datanodesMax),
      port: numberOf('--port', flags.port ?? defaultPort, 0, 65_535),
      web: numberOf('--web', flags.web ?? '9870', 0, 65_535),
      processes: flags.processes,
      host: flags.host ?? '127.0.0.1',
      rpc,
      conf: parseConf(flags.conf),
      logger: await createLogger(level),
      signal: context.signal,
    })
    const cluster = await starting.catch((error: unknown) => {
      // Stopped before it was up: that, too, is a clean end.
      if (context.signal.aborted) return undefined
      throw error
    })
    if (cluster === undefined) return 0
    try {
      if (context.isJson) context.printJson({ url: cluster.url, webUrl: cluster.webUrl })
      else context.print(`ready ${cluster.url} web ${cluster.webUrl}\n`)
      await context.io.stdout.flush()
      await untilAborted(context.signal, cluster.failed)
    } finally {
      await cluster.close()
    }
    return 0
  },
})

function directoryOf(context: Context, asked: string | undefined): string {
  if (asked !== undefined) return resolve(context.io.cwd, asked)
  const data = context.io.env.XDG_DATA_HOME || join(context.io.env.HOME || homedir(), '.local/share')
  const dir = join(data, 'cairn')
  context.note(`data is kept in ${dir}; --dir names another place, --memory keeps none`)
  return dir
}

/** What the flag's help names. */
const rpcVersions: readonly string[] = ['4', '7', '8', '9']

function rpcVersionsOf(text: string): number[] {
  const wanted = text.split(',')
  const unknown = wanted.find((version) => !rpcVersions.includes(version))
  if (unknown === undefined) return wanted.map(Number)
  throw new UsageError(`--rpc takes one or more of ${rpcVersions.join(',')}, not '${text}'`)
}

function numberOf(flag: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(`${flag} takes a number from ${least} to ${most}, not '${text}'`)
}

/** Waits for Ctrl-C or SIGTERM, which is how a cluster ends well; rejects when the cluster cannot go on. */
async function untilAborted(signal: AbortSignal, failed: Promise<never>): Promise<void> {
  const aborted = new Promise<void>((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
  await Promise.race([aborted, failed])
}
