/** Numbers of `StorageTypeProto`, as they may stand in brackets before a directory. */
const storageTypes: Readonly<Record<string, number>> = {
  DISK: 1,
  SSD: 2,
  ARCHIVE: 3,
  RAM_DISK: 4,
  PROVIDED: 5,
  NVDIMM: 6,
}

/** One entry of `dfs.datanode.data.dir`. */
export interface StorageLocation {
  readonly path: string
  /** A number of `StorageTypeProto`. */
  readonly storageType: number
}

/** The name of a number of `StorageTypeProto`, as Java writes it. */
export function storageTypeName(storageType: number): string {
  return Object.keys(storageTypes).find((name) => storageTypes[name] === storageType) ?? String(storageType)
}

/**
 * Reads a directory with its storage type, as it stands in Hadoop's configuration: `/data/1`, `[SSD]/data/2`,
 * `[ARCHIVE]file:///data/3`. Without a type it is a DISK.
 */
export function parseStorageLocation(dir: string): StorageLocation {
  const match = /^\[(\w+)\](.*)$/.exec(dir.trim())
  const typeName = match?.[1]?.toUpperCase() ?? 'DISK'
  const storageType = storageTypes[typeName]
  if (storageType === undefined || typeName === 'PROVIDED') {
    const allowed = Object.keys(storageTypes).filter((name) => name !== 'PROVIDED')
    throw new TypeError(
      `open storage directory ${dir}: found type ${typeName}; ${allowed.join(', ')} are allowed`,
    )
  }
  const path = (match?.[2] ?? dir.trim()).replace(/^file:\/\//, '')
  if (path === '') throw new TypeError(`open storage directory ${dir}: found no path`)
  return { path, storageType }
}
