/**
 * The VERSION file of each storage directory (`Storage`, `NNStorage`, `DataStorage`, `BlockPoolSliceStorage`):
 *
 *     NameNode    <dir>/current/VERSION                  namespaceID clusterID cTime storageType=NAME_NODE blockpoolID layoutVersion=-67
 *     DataNode    <dir>/current/VERSION                  storageID clusterID cTime datanodeUuid storageType=DATA_NODE layoutVersion=-57
 *     block pool  <dir>/current/<pool>/current/VERSION   namespaceID cTime blockpoolID layoutVersion=-57
 *
 * A NameNode's is [edits.file.2].
 */
import { ProtocolError } from '@cairn/bytes'
import { formatProperties, parseProperties } from './properties.ts'

/** DataNode layout with 32 × 32 block directories (`DataNodeLayoutVersion`). */
export const dataNodeLayoutVersion = -57

/**
 * DataNode layouts that an upgrade takes over: −55 (a storage id for each directory) and −56 (256 × 256 block
 * directories), of Hadoop 2.4 to 2.7.
 */
export const olderDataNodeLayoutVersions: readonly number[] = [-56, -55]

/** Identity of a namespace as a NameNode stores it. `cTime` = when it was formatted or last upgraded, in milliseconds since 1970. */
export interface NameNodeVersion {
  namespaceID: number
  clusterID: string
  cTime: number
  blockpoolID: string
  layoutVersion: number
}

/** Identity of one DataNode volume. */
export interface DataNodeVersion {
  storageID: string
  clusterID: string
  cTime: number
  datanodeUuid: string
  layoutVersion: number
}

/** Identity of one block pool on one volume. */
export interface BlockPoolVersion {
  namespaceID: number
  cTime: number
  blockpoolID: string
  layoutVersion: number
}

/** Reads properties by name with errors that say which one of which file is wrong. */
class Properties {
  readonly #what: string
  readonly #properties: Map<string, string>

  constructor(what: string, text: string) {
    this.#what = what
    this.#properties = parseProperties(text)
  }

  string(name: string): string {
    const value = this.#properties.get(name)
    if (value === undefined || value === '') {
      throw new ProtocolError('ERR_HSTORAGE_VERSION_MISSING', `parse ${this.#what}: found no ${name}`, {
        path: name,
      })
    }
    return value
  }

  integer(name: string): number {
    const text = this.string(name)
    const value = Number(text)
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw new ProtocolError(
        'ERR_HSTORAGE_VERSION_VALUE',
        `parse ${this.#what}: found ${name}=${text}; an integer is allowed`,
        {
          path: name,
        },
      )
    }
    return value
  }

  expect(name: string, allowed: string): void {
    const value = this.string(name)
    if (value !== allowed) {
      throw new ProtocolError(
        'ERR_HSTORAGE_VERSION_VALUE',
        `parse ${this.#what}: found ${name}=${value}; ${allowed} is allowed`,
        {
          path: name,
        },
      )
    }
  }

  layoutVersion(...allowed: number[]): number {
    const value = this.integer('layoutVersion')
    if (!allowed.includes(value)) {
      throw new ProtocolError(
        'ERR_HSTORAGE_LAYOUT_VERSION',
        `parse ${this.#what}: found layoutVersion ${value}; ${allowed.join(', ')} can be read (start the release that wrote it with -upgrade first)`,
        { path: 'layoutVersion' },
      )
    }
    return value
  }
}

/** Parses `current/VERSION` of a NameNode directory. */
export function parseNameNodeVersion(text: string): NameNodeVersion {
  const properties = new Properties('VERSION of a NameNode', text)
  properties.expect('storageType', 'NAME_NODE')
  return {
    layoutVersion: properties.layoutVersion(-67),
    namespaceID: properties.integer('namespaceID'),
    clusterID: properties.string('clusterID'),
    cTime: properties.integer('cTime'),
    blockpoolID: properties.string('blockpoolID'),
  }
}

/** Formats `current/VERSION` of a NameNode directory; `timeMs` goes into the comment. */
export function formatNameNodeVersion(version: NameNodeVersion, timeMs: number): string {
  return formatProperties(
    [
      ['namespaceID', String(version.namespaceID)],
      ['clusterID', version.clusterID],
      ['cTime', String(version.cTime)],
      ['storageType', 'NAME_NODE'],
      ['blockpoolID', version.blockpoolID],
      ['layoutVersion', String(version.layoutVersion)],
    ],
    timeMs,
  )
}

/** Parses `current/VERSION` of a DataNode volume; `older` layouts are allowed besides the one that is written. */
export function parseDataNodeVersion(text: string, older: readonly number[] = []): DataNodeVersion {
  const properties = new Properties('VERSION of a DataNode volume', text)
  properties.expect('storageType', 'DATA_NODE')
  return {
    layoutVersion: properties.layoutVersion(dataNodeLayoutVersion, ...older),
    storageID: properties.string('storageID'),
    clusterID: properties.string('clusterID'),
    cTime: properties.integer('cTime'),
    datanodeUuid: properties.string('datanodeUuid'),
  }
}

/** Formats `current/VERSION` of a DataNode volume. */
export function formatDataNodeVersion(version: DataNodeVersion, timeMs: number): string {
  return formatProperties(
    [
      ['storageID', version.storageID],
      ['clusterID', version.clusterID],
      ['cTime', String(version.cTime)],
      ['datanodeUuid', version.datanodeUuid],
      ['storageType', 'DATA_NODE'],
      ['layoutVersion', String(version.layoutVersion)],
    ],
    timeMs,
  )
}

/** Parses `current/<pool>/current/VERSION` of a DataNode volume; `older` layouts are allowed besides. */
export function parseBlockPoolVersion(text: string, older: readonly number[] = []): BlockPoolVersion {
  const properties = new Properties('VERSION of a block pool', text)
  return {
    layoutVersion: properties.layoutVersion(dataNodeLayoutVersion, ...older),
    namespaceID: properties.integer('namespaceID'),
    cTime: properties.integer('cTime'),
    blockpoolID: properties.string('blockpoolID'),
  }
}

/** Formats `current/<pool>/current/VERSION` of a DataNode volume. */
export function formatBlockPoolVersion(version: BlockPoolVersion, timeMs: number): string {
  return formatProperties(
    [
      ['namespaceID', String(version.namespaceID)],
      ['cTime', String(version.cTime)],
      ['blockpoolID', version.blockpoolID],
      ['layoutVersion', String(version.layoutVersion)],
    ],
    timeMs,
  )
}
