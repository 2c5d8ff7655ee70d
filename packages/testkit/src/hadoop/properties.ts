import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { HadoopOptions } from './hadoop.ts'
import { namedFor } from './old-names.ts'
import type { HadoopMajor } from './releases.ts'
import { log4jProperties, siteXml } from './site-xml.ts'

export const host = '127.0.0.1'

/** What every process of one cluster reads. */
export interface CommonProperties {
  core: Record<string, string>
  hdfs: Record<string, string>
}

export function commonProperties(
  options: HadoopOptions,
  url: string,
  namenodes: Readonly<Record<string, string>>,
  datanodes: number,
): CommonProperties {
  const core = {
    'fs.defaultFS': url,
    'hadoop.http.staticuser.user': options.superuser ?? 'root',
    'ipc.client.connect.retry.interval': '200',
    'ipc.client.connect.max.retries': '50',
    ...options.conf,
  }
  const hdfs = {
    'dfs.replication': String(Math.max(1, Math.min(datanodes, 3))),
    ...namenodes,
    'dfs.permissions.enabled': String(options.permissions ?? false),
    'dfs.namenode.safemode.extension': '0',
    'dfs.heartbeat.interval': '1',
    'dfs.namenode.redundancy.interval.seconds': '1',
    'dfs.namenode.fs-limits.min-block-size': '0',
    // Loopback addresses have no reverse names to compare with.
    'dfs.namenode.datanode.registration.ip-hostname-check': 'false',
    'dfs.datanode.hostname': 'localhost',
    'dfs.client.read.shortcircuit': 'false',
    ...options.conf,
  }
  return { core, hdfs }
}

export async function datanodeProperties(home: string): Promise<Record<string, string>> {
  return {
    'dfs.datanode.data.dir': `file://${home}/data`,
    'dfs.datanode.address': `${host}:${await freePort()}`,
    'dfs.datanode.http.address': `${host}:${await freePort()}`,
    'dfs.datanode.ipc.address': `${host}:${await freePort()}`,
  }
}

/**
 * Writes the files that a Hadoop process reads at start, and returns their folder. Properties have today's names;
 * an old release gets its own.
 */
export function writeConf(
  folder: string,
  common: CommonProperties,
  more: Record<string, string>,
  level: string,
  major: HadoopMajor = 3,
): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'core-site.xml'), siteXml(namedFor(major, common.core)))
  writeFileSync(join(folder, 'hdfs-site.xml'), siteXml(namedFor(major, { ...common.hdfs, ...more })))
  writeFileSync(join(folder, 'log4j.properties'), log4jProperties(level))
  return folder
}
