import type { Configuration } from '@cairn/hadoop-conf'
import type { DataNodeOptions } from '../options.ts'
import { allSettings, findSetting } from './settings.ts'
import { isWithoutEffect } from './without-effect.ts'

/** What a configuration says about a DataNode. */
export interface ConfiguredDataNode {
  /** Options of what is set; the NameNodes are not among them. */
  readonly options: Partial<Omit<DataNodeOptions, 'namenode'>>
  /** Keys that only DataNodes have and that are not obeyed here, in the order of the files. */
  readonly unknown: readonly string[]
}

/** Reads every setting that this DataNode obeys. Throws ConfigurationError, with the file it stands in. */
export function configuredDataNode(conf: Configuration): ConfiguredDataNode {
  const options: Partial<DataNodeOptions> = {}
  const names = [...conf.properties()].map(({ name }) => name)
  for (const setting of allSettings()) {
    const isSet = setting.prefix
      ? names.some((name) => name.startsWith(setting.key))
      : conf.string(setting.key) !== undefined
    if (isSet && setting.read) Object.assign(options, setting.read(conf))
  }
  const unknown = names.filter(
    (name) => isDataNodeKey(name) && findSetting(name) === undefined && !isWithoutEffect(name),
  )
  return { options, unknown }
}

/** Other roles read the same files: their keys are no mistake. */
function isDataNodeKey(name: string): boolean {
  return name.startsWith('dfs.datanode.') || name.startsWith('dfs.blockreport.')
}
