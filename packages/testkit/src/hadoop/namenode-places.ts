import { freePort } from '../free-port.ts'
import type { HadoopOptions } from './hadoop.ts'

/** Where one NameNode of a cluster listens, and its place among the others. */
export interface NamenodePlace {
  /** Folder of its files: `nn`, or such as `ns0-nn1`. */
  readonly role: string
  /** `dfs.nameservices`: undefined for a cluster of one NameNode. */
  readonly nameservice: string | undefined
  /** `dfs.ha.namenodes.*`: undefined without HA. */
  readonly id: string | undefined
  readonly port: number
  readonly httpPort: number
  /** `dfs.namenode.lifeline.rpc-address` */
  readonly lifelinePort: number | undefined
}

const host = '127.0.0.1'

/** Places for the NameNodes that the options ask for. */
export async function namenodePlaces(options: HadoopOptions): Promise<NamenodePlace[]> {
  const count = options.nameservices ?? 1
  const named = count > 1 || options.ha === true
  const places: NamenodePlace[] = []
  for (let service = 0; service < count; service++) {
    for (let index = 0; index < (options.ha ? 2 : 1); index++) {
      const nameservice = named ? `ns${service}` : undefined
      const id = options.ha ? `nn${index}` : undefined
      places.push({
        role:
          nameservice === undefined ? 'nn' : [nameservice, id].filter((part) => part !== undefined).join('-'),
        nameservice,
        id,
        port: await freePort(),
        httpPort: await freePort(),
        lifelinePort: options.lifeline ? await freePort() : undefined,
      })
    }
  }
  return places
}

/** What every process of the cluster has to know about the NameNodes. */
export function namenodeProperties(places: readonly NamenodePlace[], dir: string): Record<string, string> {
  const properties: Record<string, string> = {}
  const services = new Set(places.flatMap(({ nameservice }) => nameservice ?? []))
  if (services.size > 0) properties['dfs.nameservices'] = [...services].join(',')
  for (const place of places) {
    const suffix = suffixOf(place)
    properties[`dfs.namenode.rpc-address${suffix}`] = `${host}:${place.port}`
    properties[`dfs.namenode.http-address${suffix}`] = `${host}:${place.httpPort}`
    if (place.lifelinePort !== undefined)
      properties[`dfs.namenode.lifeline.rpc-address${suffix}`] = `${host}:${place.lifelinePort}`
  }
  for (const service of services) {
    const ids = places.filter(({ nameservice }) => nameservice === service).flatMap(({ id }) => id ?? [])
    if (ids.length === 0) continue
    properties[`dfs.ha.namenodes.${service}`] = ids.join(',')
    properties[`dfs.namenode.shared.edits.dir.${service}`] = `file://${dir}/shared-${service}`
    properties[`dfs.client.failover.proxy.provider.${service}`] =
      'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider'
    // There is no controller that fences: tests say who is active.
    properties['dfs.ha.fencing.methods'] = 'shell(/bin/true)'
    properties['dfs.ha.tail-edits.period'] = '1'
    properties['dfs.ha.log-roll.period'] = '5'
  }
  return properties
}

/** What only the process of this NameNode reads. */
export function ownProperties(place: NamenodePlace, home: string): Record<string, string> {
  return {
    'dfs.namenode.name.dir': `file://${home}/name`,
    ...(place.nameservice === undefined ? {} : { 'dfs.nameservice.id': place.nameservice }),
    ...(place.id === undefined ? {} : { 'dfs.ha.namenode.id': place.id }),
  }
}

function suffixOf({ nameservice, id }: NamenodePlace): string {
  return [nameservice, id].flatMap((part) => (part === undefined ? [] : `.${part}`)).join('')
}
