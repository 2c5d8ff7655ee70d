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
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { formatBlockFileName } from '@cairn/hdfs-storage'
import { sliceMs } from '../../limits.ts'
import type { Logger } from '../../logger.ts'
import { metaHeaderBytes } from '../block-meta.ts'
import { formatReplica, Replica } from '../replica.ts'
import { cutToVerifiedLength } from '../verified-length.ts'
import type { FoundReplicas, PoolSlice, ReplicaName } from '../volume.ts'
import type { BlockPaths } from './block-paths.ts'
import { DiskReplicaFile } from './disk-replica-file.ts'
import { newest, readReplicaNames, subdirectories } from './replica-names.ts'
import { takeReplicasFile } from './replicas-file.ts'
import { takeRestartMarker } from './restart-marker.ts'

/** A block file without any meta file: the generation stamp that Java's DataNode gives it too. */
const grandfatherGenerationStamp = 0n

/** Files between two looks at the clock. */
const filesAtOnce = 64

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

async function repairMoves(paths: BlockPaths, logger: Logger): Promise<void> {
  const rbw = await readReplicaNames(paths.placeDirectory('rbw'))
  for (const blockId of rbw.data) {
    if (rbw.meta.has(blockId)) continue
    const finalized = await readReplicaNames(paths.directory('finalized', blockId))
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
    const finalized = await readReplicaNames(paths.directory('finalized', blockId))
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
  const names = await readReplicaNames(paths.placeDirectory('rbw'))
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

async function loadFinalized(slice: PoolSlice, paths: BlockPaths, found: FoundReplicas): Promise<void> {
  const root = paths.placeDirectory('finalized')
  const counted = {
    finalized: (blockId: bigint, generationStamp: bigint, length: number) => {
      found.finalized(blockId, generationStamp, length)
      slice.addUsedBytes(length + usualMetaBytes(length))
    },
  }
  const leaves: string[] = []
  const folders = async () => {
    const uppers = await subdirectories(root)
    for (const upper of uppers) leaves.push(...(await subdirectories(upper)))
    return [root, ...uppers, ...leaves]
  }
  if (await takeReplicasFile(paths.replicasFile, folders, counted)) return
  if (leaves.length === 0) await folders()
  let sinceMs = performance.now()
  for (const leaf of leaves) {
    const names = await readReplicaNames(leaf)
    let looked = 0
    for (const blockId of names.data) {
      const length = fileLength(join(leaf, formatBlockFileName(blockId)))
      if (length === undefined) continue
      const stamps = names.meta.get(blockId)
      counted.finalized(blockId, stamps ? newest(stamps) : grandfatherGenerationStamp, length)
      if (++looked % filesAtOnce !== 0 || performance.now() - sinceMs < sliceMs) continue
      await setImmediate()
      sinceMs = performance.now()
    }
  }
}

/** Looking at every meta file as well would double the time of a start; nearly all have 4 bytes for every 512. */
function usualMetaBytes(length: number): number {
  return metaHeaderBytes + Math.ceil(length / 512) * 4
}

function fileLength(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}
