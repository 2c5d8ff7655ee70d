/** A storage type that space can be limited on. */
export interface QuotaStorageType {
  /** As Java's org.apache.hadoop.fs.StorageType calls it. */
  readonly name: string
  /** Number of StorageTypeProto. */
  readonly number: number
}

/** Every type that Java's shell tells quotas of; memory is only told of when it is asked for. */
const types: readonly QuotaStorageType[] = [
  { name: 'SSD', number: 2 },
  { name: 'DISK', number: 1 },
  { name: 'ARCHIVE', number: 3 },
  { name: 'PROVIDED', number: 5 },
  { name: 'NVDIMM', number: 6 },
]
const memory: QuotaStorageType = { name: 'RAM_DISK', number: 4 }

const one = `(?:${[...types, memory].map(({ name }) => name).join('|')})`

/** A list of types as `count -t` takes it: `ssd,disk`, `all`, or nothing, which is all, too. */
export const storageTypeList = new RegExp(`^(?:|all|${one}(?:,${one})*)$`, 'i')

/** The types of such a list, in its order. */
export function parseStorageTypes(list: string): readonly QuotaStorageType[] {
  if (list === '' || list.toLowerCase() === 'all') return types
  const named = list.toUpperCase().split(',')
  return named.flatMap((name) => [...types, memory].find((type) => type.name === name) ?? [])
}

/** The name of a type; its number where there is none. */
export function storageTypeName(number: number): string {
  return [...types, memory].find((type) => type.number === number)?.name ?? String(number)
}
