// The files of replicas in one folder, by their names.
import { promises } from 'node:fs'
import { join } from 'node:path'
import { parseReplicaFileName } from '@cairn/hdfs-storage'

/** What is there of each block. */
export interface ReplicaNames {
  readonly data: Set<bigint>
  /** Generation stamps by block; more than one only after a kill. */
  readonly meta: Map<bigint, bigint[]>
}

/** Nothing when the folder is not there. */
export async function readReplicaNames(directory: string): Promise<ReplicaNames> {
  const names: ReplicaNames = { data: new Set(), meta: new Map() }
  let entries: string[]
  try {
    entries = await promises.readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return names
    throw error
  }
  for (const entry of entries) {
    const parsed = parseReplicaFileName(entry)
    if (parsed?.kind === 'block') names.data.add(parsed.blockId)
    else if (parsed?.kind === 'meta') {
      const stamps = names.meta.get(parsed.blockId)
      if (stamps) stamps.push(parsed.generationStamp)
      else names.meta.set(parsed.blockId, [parsed.generationStamp])
    }
  }
  return names
}

/** The generation stamp that counts. */
export function newest(stamps: readonly bigint[]): bigint {
  let newest = stamps[0]!
  for (const stamp of stamps) if (stamp > newest) newest = stamp
  return newest
}

/** Paths of the folders in a folder. */
export async function subdirectories(directory: string): Promise<string[]> {
  const entries = await promises.readdir(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name))
}
