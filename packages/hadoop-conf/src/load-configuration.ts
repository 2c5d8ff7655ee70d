import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Configuration, type Environment, type Property } from './configuration.ts'
import { ConfigurationError } from './configuration-error.ts'
import { fileBytesMax, filesMax, includeDepthMax } from './limits.ts'
import type { ConfigurationItem, parseConfiguration } from './parse-configuration.ts'

/** Where a configuration comes from. */
export interface LoadConfigurationOptions {
  /** Folder with core-site.xml and hdfs-site.xml; default `HADOOP_CONF_DIR`, then `HADOOP_HOME/etc/hadoop`. False: none. */
  confDir?: string | false | undefined
  /** Environment variables; default `process.env`. */
  env?: Environment | undefined
  /** More files, read after those of the folder, in this order; each must exist. */
  files?: readonly string[] | undefined
  /** Values that win over every file. */
  overrides?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
}

/** Names of the files of a configuration folder, in the order in which they are read. */
const siteFiles = ['core-site.xml', 'hdfs-site.xml'] as const

/**
 * Reads core-site.xml, hdfs-site.xml and `files`; later ones win unless an earlier one says `<final>`. A site file
 * that is missing is passed over, as in Hadoop; a folder that was named and is missing is not. Without a folder
 * and files nothing is read and no XML parser is loaded. Throws ConfigurationError.
 */
export async function loadConfiguration(options: LoadConfigurationOptions = {}): Promise<Configuration> {
  const env = options.env ?? process.env
  const named = options.confDir ?? (env.HADOOP_CONF_DIR || undefined)
  const home = env.HADOOP_HOME
  const folder = named ?? (home ? join(home, 'etc/hadoop') : undefined)
  const properties = new Map<string, Property>()
  if (folder || options.files?.length) {
    const loader = new FileLoader(properties)
    if (folder) {
      if (named) await requireFolder(folder)
      for (const name of siteFiles) await loader.load(join(folder, name), { mayBeMissing: true, depth: 0 })
    }
    for (const file of options.files ?? [])
      await loader.load(resolve(file), { mayBeMissing: false, depth: 0 })
  }
  const configuration = new Configuration(properties, env)
  return options.overrides ? configuration.with(options.overrides) : configuration
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error)
  if (!(found instanceof Error) && found.isDirectory()) return
  const what = found instanceof Error ? found.code : 'something that is no folder'
  throw new ConfigurationError(
    'ERR_CONF_FILE',
    `read the Hadoop configuration folder ${folder}: found ${what}; set HADOOP_CONF_DIR or confDir to a folder with core-site.xml`,
  )
}

/** Puts the properties of files and of what they include into one map. */
class FileLoader {
  readonly #properties: Map<string, Property>
  #parse: typeof parseConfiguration | undefined
  #files = 0

  constructor(properties: Map<string, Property>) {
    this.#properties = properties
  }

  /** False when the file is missing and may be. */
  async load(path: string, how: { mayBeMissing: boolean; depth: number }): Promise<boolean> {
    const text = await this.#readText(path, how.mayBeMissing)
    if (text === undefined) return false
    // Loaded late: a command without configuration files does not pay for the XML parser.
    this.#parse ??= (await import('./parse-configuration.ts')).parseConfiguration
    await this.#apply(this.#parse(text, path), path, how.depth)
    return true
  }

  async #readText(path: string, mayBeMissing: boolean): Promise<string | undefined> {
    this.#files += 1
    if (this.#files > filesMax) {
      throw new ConfigurationError('ERR_CONF_LIMIT', `read ${path}: more than ${filesMax} files are included`)
    }
    try {
      const { size } = await stat(path)
      if (size > fileBytesMax) {
        throw new ConfigurationError(
          'ERR_CONF_LIMIT',
          `read ${path}: it has ${size} bytes, at most ${fileBytesMax} are allowed`,
        )
      }
      return await readFile(path, 'utf8')
    } catch (error) {
      if (error instanceof ConfigurationError) throw error
      const { code, message } = error as NodeJS.ErrnoException
      if (mayBeMissing && code === 'ENOENT') return undefined
      throw new ConfigurationError('ERR_CONF_FILE', `read ${path}: ${message}`, { cause: error })
    }
  }

  async #apply(items: readonly ConfigurationItem[], source: string, depth: number): Promise<void> {
    for (const item of items) {
      if (item.kind === 'include') await this.#include(item, source, depth + 1)
      else if (!this.#properties.get(item.name)?.final) {
        const { name, value, final } = item
        this.#properties.set(name, { name, value, final, source })
      }
    }
  }

  async #include(
    item: Extract<ConfigurationItem, { kind: 'include' }>,
    source: string,
    depth: number,
  ): Promise<void> {
    if (depth > includeDepthMax) {
      throw new ConfigurationError(
        'ERR_CONF_LIMIT',
        `include ${item.href} in ${source}: files include each other deeper than ${includeDepthMax}`,
      )
    }
    const path = localPath(item.href, source)
    const found = await this.load(path, { mayBeMissing: true, depth })
    if (found) return
    if (item.fallback === undefined) {
      throw new ConfigurationError(
        'ERR_CONF_INCLUDE',
        `include ${item.href} in ${source}: there is no ${path} and no fallback`,
      )
    }
    await this.#apply(item.fallback, source, depth)
  }
}

function localPath(href: string, source: string): string {
  if (href.startsWith('file:')) return fileURLToPath(href)
  if (href === '' || /^[a-z][a-z0-9+.-]+:/i.test(href)) {
    throw new ConfigurationError(
      'ERR_CONF_INCLUDE',
      `include ${JSON.stringify(href)} in ${source}: only local files are allowed`,
    )
  }
  return isAbsolute(href) ? href : join(dirname(source), href)
}
