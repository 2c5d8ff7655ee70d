// What a storage directory holds after a start, clean or not.
//
//   tmp        copies that were under way: removed, the sender starts again
//   rbw        blocks that were being written: their trusted length is found, they become RWR ("waiting to be
//              recovered": the NameNode's lease recovery decides), or stay RBW where a restart was announced
//   finalized  complete blocks, taken as they are: their checksums are looked at when they are read
//
// Moves between rbw and finalized that a kill cut in two are put right first:
//   data in rbw, meta in finalized    a finalize had begun: the data follows its meta file
//   data in finalized, meta in rbw    an append had begun: the meta file goes back
import { mkdirSync, promises, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { formatBlockFileName, parseReplicaFileName } from '@cairn/hdfs-storage'
import { scanSliceFiles } from '../../limits.ts'
import type { Logger } from '../../logger.ts'
import { metaHeaderBytes } from '../block-meta.ts'
import { formatReplica, Replica } from '../replica.ts'
import { cutToVerifiedLength } from '../verified-length.ts'
import type { FoundReplicas, PoolSlice, ReplicaName } from '../volume.ts'
import type { BlockPaths } from './block-paths.ts'
import { DiskReplicaFile } from './disk-replica-file.ts'
import { takeRestartMarker } from './restart-marker.ts'

interface Names {
  readonly data: Set<bigint>
  /** Generation stamps by block; more than one only after a kill. */
  readonly meta: Map<bigint, bigint[]>
}

/** A block file without any meta file: the generation stamp that Java's DataNode gives it too. */
const grandfatherGenerationStamp = 0n

export async function loadReplicas(
  slice: PoolSlice,
  paths: BlockPaths,
  logger: Logger,
  found: FoundReplicas,
): Promise<void> {
  clearTemporary(paths)
  await repairMoves(paths, logger)
  await loadUnfinished(slice, paths, logger, found)
  await loadFinalized(slice, paths, found)
}

function clearTemporary(paths: BlockPaths): void {
  rmSync(paths.placeDirectory('tmp'), { recursive: true, force: true })
  mkdirSync(paths.placeDirectory('tmp'), { recursive: true })
}

async function readNames(directory: string): Promise<Names> {
  const names: Names = { data: new Set(), meta: new Map() }
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

async function repairMoves(paths: BlockPaths, logger: Logger): Promise<void> {
  const rbw = await readNames(paths.placeDirectory('rbw'))
  for (const blockId of rbw.data) {
    if (rbw.meta.has(blockId)) continue
    const finalized = await readNames(paths.directory('finalized', blockId))
    const stamps = finalized.meta.get(blockId)
    if (!stamps || finalized.data.has(blockId)) continue
    const generationStamp = stamps[0]!
    renameSync(
      paths.data({ place: 'rbw', blockId, generationStamp }),
      paths.data({ place: 'finalized', blockId, generationStamp }),
    )
    logger.info(
      { block: formatReplica({ blockId, generationStamp }) },
      'finished a finalize that a kill had cut',
    )
  }
  for (const [blockId, stamps] of rbw.meta) {
    if (rbw.data.has(blockId)) continue
    const finalized = await readNames(paths.directory('finalized', blockId))
    if (!finalized.data.has(blockId) || finalized.meta.has(blockId)) continue
    const generationStamp = stamps[0]!
    renameSync(
      paths.meta({ place: 'rbw', blockId, generationStamp }),
      paths.meta({ place: 'finalized', blockId, generationStamp }),
    )
    logger.info({ block: formatReplica({ blockId, generationStamp }) }, 'undid an append that a kill had cut')
  }
}

async function loadUnfinished(
  slice: PoolSlice,
  paths: BlockPaths,
  logger: Logger,
  replicas: FoundReplicas,
): Promise<void> {
  const names = await readNames(paths.placeDirectory('rbw'))
  for (const blockId of names.data) {
    const stamps = names.meta.get(blockId)
    if (!stamps) {
      removeUnstarted(paths, blockId, logger)
      continue
    }
    const generationStamp = newest(stamps)
    const name: ReplicaName = { place: 'rbw', blockId, generationStamp }
    const file = new DiskReplicaFile(paths.data(name), paths.meta(name), 'r+')
    try {
      const found = file.length('data')
      const length = cutToVerifiedLength(file, formatReplica(name))
      if (length !== found)
        logger.warn({ block: formatReplica(name), found, length }, 'cut a half-written replica')
      slice.addUsedBytes(length + file.length('meta'))
      const state = takeRestartMarker(paths, blockId, Date.now()) ? 'RBW' : 'RWR'
      replicas.unfinished(new Replica(slice, blockId, generationStamp, state, length))
    } catch (error) {
      // The files stay for a person to look at; the NameNode learns that this node has no such replica.
      logger.error({ block: formatReplica(name), error }, 'left out a replica whose meta file cannot be read')
    } finally {
      file.close()
    }
  }
}

/** A block file without meta file in rbw was created and never written: its writer got no answer. */
function removeUnstarted(paths: BlockPaths, blockId: bigint, logger: Logger): void {
  const path = paths.data({ place: 'rbw', blockId, generationStamp: 0n })
  if (fileLength(path) === 0) rmSync(path, { force: true })
  else logger.error({ path }, 'left out a half-written block file that has no meta file')
}

async function loadFinalized(slice: PoolSlice, paths: BlockPaths, replicas: FoundReplicas): Promise<void> {
  const root = paths.placeDirectory('finalized')
  let looked = 0
  for (const upper of await subdirectories(root)) {
    for (const leaf of await subdirectories(upper)) {
      const names = await readNames(leaf)
      for (const blockId of names.data) {
        const length = fileLength(join(leaf, formatBlockFileName(blockId)))
        if (length === undefined) continue
        const stamps = names.meta.get(blockId)
        const generationStamp = stamps ? newest(stamps) : grandfatherGenerationStamp
        replicas.finalized(blockId, generationStamp, length)
        slice.addUsedBytes(length + usualMetaBytes(length))
        if (++looked % scanSliceFiles === 0) await setImmediate()
      }
    }
  }
}

function newest(stamps: readonly bigint[]): bigint {
  let newest = stamps[0]!
  for (const stamp of stamps) if (stamp > newest) newest = stamp
  return newest
}

/** Looking at every meta file as well would double the time of a start; nearly all have 4 bytes for every 512. */
function usualMetaBytes(length: number): number {
  return metaHeaderBytes + Math.ceil(length / 512) * 4
}

async function subdirectories(directory: string): Promise<string[]> {
  const entries = await promises.readdir(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name))
}

function fileLength(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}
