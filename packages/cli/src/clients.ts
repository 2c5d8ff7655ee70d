import type { HdfsClient } from '@cairn/hdfs-client'
import { CommandError, UsageError } from './errors.ts'

/** What `--user`, `--conf` and `--fs` asked for, with the environment. */
export interface ClientSettings {
  readonly user: string | undefined
  /** `key=value` pairs that override the configuration's. */
  readonly conf: Readonly<Record<string, string>>
  /** `hdfs://…` of operands that name no file system. */
  readonly fs: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** The clients of one run of a command: one per file system, connected when first asked for. */
export class Clients {
  readonly #settings: ClientSettings
  readonly #clients = new Map<string, Promise<HdfsClient>>()
  #default: Promise<string> | undefined
  /** Whether clients compare what is read with its checksums; counts for those connected later. */
  verifyChecksums = true

  constructor(settings: ClientSettings) {
    this.#settings = settings
  }

  /** `--user`, else `HADOOP_USER_NAME`, else the name of the operating system's user. */
  get user(): string {
    return this.#settings.user ?? this.#settings.env.HADOOP_USER_NAME ?? systemUser(this.#settings.env)
  }

  /** The client of `host:port` or a nameservice; '' is the default file system. */
  client(authority: string): Promise<HdfsClient> {
    let client = this.#clients.get(authority)
    if (client === undefined) {
      client = this.#connect(authority)
      this.#clients.set(authority, client)
    }
    return client
  }

  /** `hdfs://authority` of a file system. */
  async uri(authority: string): Promise<string> {
    return authority === '' ? await this.#defaultUri() : `hdfs://${authority}`
  }

  async #connect(authority: string): Promise<HdfsClient> {
    const url = await this.uri(authority)
    const { connect } = await import('@cairn/hdfs-client')
    return await connect(url, {
      user: this.user,
      conf: this.#settings.conf,
      env: this.#settings.env,
      signal: this.#settings.signal,
      verifyChecksums: this.verifyChecksums,
      // The command's own request finds out as well whether a NameNode is there, and saves a round trip.
      lazy: true,
    })
  }

  #defaultUri(): Promise<string> {
    this.#default ??= defaultFileSystem(this.#settings)
    return this.#default
  }

  /** Closes every client; never rejects, as the command is over. */
  async close(): Promise<void> {
    const closing = [...this.#clients.values()].map(async (client) => (await client).close())
    this.#clients.clear()
    await Promise.allSettled(closing)
  }
}

async function defaultFileSystem(settings: ClientSettings): Promise<string> {
  const { env, conf } = settings
  const named = settings.fs ?? conf['fs.defaultFS'] ?? (await configuredDefault(env)) ?? env.CAIRN_DEFAULT_FS
  if (named === undefined || named === '') {
    throw new CommandError('no file system is named', {
      code: 'ERR_CLI_NO_FILE_SYSTEM',
      hint: 'write hdfs://HOST:PORT/PATH, or set CAIRN_DEFAULT_FS=hdfs://HOST:PORT, or HADOOP_CONF_DIR to a folder with core-site.xml; `cairn up` starts a cluster',
    })
  }
  const parts = /^hdfs:\/\/([^/]+)\/?$/i.exec(named.includes('://') ? named : `hdfs://${named}`)
  if (parts === null) {
    throw new CommandError(
      `the default file system is ${JSON.stringify(named)}; hdfs://HOST:PORT is needed`,
      {
        code: 'ERR_CLI_DEFAULT_FS',
      },
    )
  }
  return `hdfs://${parts[1]}`
}

async function configuredDefault(env: ClientSettings['env']): Promise<string | undefined> {
  if (!env.HADOOP_CONF_DIR && !env.HADOOP_HOME) return undefined
  const { loadConfiguration } = await import('@cairn/hadoop-conf')
  const configuration = await loadConfiguration({ env })
  return configuration.get('fs.defaultFS') ?? configuration.get('fs.default.name')
}

function systemUser(env: ClientSettings['env']): string {
  return env.USER ?? env.LOGNAME ?? process.env.USER ?? 'root'
}

/** The values of `--conf`. Throws `UsageError`. */
export function parseConf(pairs: readonly string[]): Record<string, string> {
  const conf: Record<string, string> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals <= 0) throw new UsageError(`--conf takes KEY=VALUE, not '${pair}'`)
    conf[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return conf
}
