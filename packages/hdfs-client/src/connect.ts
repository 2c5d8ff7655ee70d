import { randomBytes } from 'node:crypto'
import { Configuration, loadConfiguration } from '@cairn/hadoop-conf'
import { HdfsClient } from './client.ts'
import { namenodeTarget } from './namenode/target.ts'
import { type ConnectOptions, clientSettings } from './settings.ts'

/**
 * Connects to `hdfs://host:port/` or `hdfs://nameservice/`; without a URL to `fs.defaultFS`. Unless `lazy`, one
 * request tells that a NameNode answers there. Rejects with NamenodeError, ConfigurationError or `signal.reason`.
 */
export async function connect(url?: string | URL, options: ConnectOptions = {}): Promise<HdfsClient> {
  options.signal?.throwIfAborted()
  const env = options.env ?? process.env
  const configuration = await configurationOf(options)
  const target = namenodeTarget(url, configuration, options.namenodes)
  const clientName = `cairn_${randomBytes(6).toString('hex')}_${process.pid}`
  const settings = clientSettings(options, configuration, env)
  const client = new HdfsClient(target, settings, clientName)
  if (options.lazy === true) return client
  try {
    await client.serverDefaults({ signal: options.signal })
    return client
  } catch (error) {
    await client.close()
    throw error
  }
}

/** The configuration that the options name. */
export async function configurationOf(options: ConnectOptions): Promise<Configuration> {
  if (options.conf instanceof Configuration) return options.conf
  return await loadConfiguration({ confDir: options.confDir, env: options.env, overrides: options.conf })
}
