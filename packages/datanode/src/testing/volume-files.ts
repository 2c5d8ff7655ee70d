import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What lies in the storage directories of one DataNode, by the rules of Java's layout. */
export interface VolumeFiles {
  /** Complete replicas, `blk_ID_STAMP`, each with both of its files. */
  readonly finalized: Set<string>
  /** What should not be there: half replicas, unfinished ones, files of no known kind. */
  readonly strays: string[]
}

const dataName = /^blk_(-?\d+)$/
const metaName = /^blk_(-?\d+)_(\d+)\.meta$/
/** What else lies in a block pool's folder. */
const known = /^(VERSION|dfsUsed|replicas|scanner\.cursor|RollingUpgradeInProgress)$/

/** Looks through the storage directories of a DataNode on which nothing is being written. */
export function volumeFiles(folders: readonly string[]): VolumeFiles {
  const finalized = new Set<string>()
  const strays: string[] = []
  for (const folder of folders) {
    const pools = readdirSync(join(folder, 'current')).filter((name) => name.startsWith('BP-'))
    for (const pool of pools) lookThrough(join(folder, 'current', pool), finalized, strays)
  }
  return { finalized, strays }
}

function lookThrough(pool: string, finalized: Set<string>, strays: string[]): void {
  const data = new Map<string, string>()
  const metas = new Map<string, { path: string; stamp: string }>()
  for (const entry of readdirSync(pool, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const place = relative(pool, path)
    const [, dataId] = dataName.exec(entry.name) ?? []
    const [, metaId, stamp] = metaName.exec(entry.name) ?? []
    const isFinalized = place.startsWith('current/finalized/')
    if (isFinalized && dataId !== undefined && !data.has(dataId)) data.set(dataId, path)
    else if (isFinalized && metaId !== undefined && !metas.has(metaId))
      metas.set(metaId, { path, stamp: stamp! })
    else if (!known.test(entry.name)) strays.push(path)
  }
  for (const [id, path] of data) {
    const meta = metas.get(id)
    if (meta === undefined) strays.push(`${path} has no meta file`)
    else if (statSync(meta.path).size !== 7 + 4 * Math.ceil(statSync(path).size / 512))
      strays.push(`${meta.path} does not fit ${statSync(path).size} bytes`)
    else finalized.add(`blk_${id}_${meta.stamp}`)
  }
  for (const [id, { path }] of metas) if (!data.has(id)) strays.push(`${path} has no block file`)
}
