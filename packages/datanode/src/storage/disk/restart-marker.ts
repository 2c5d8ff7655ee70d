// [xfer.recovery.4] A file beside the `rbw` folder says that a half-written replica waits for its writer: this
// DataNode announced that it restarts. Java's name for it, `rbw:.blk_<id>.restart`, has the colon of its path separator;
// the text is the time in milliseconds since 1970 until which the promise holds.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { formatBlockFileName } from '@cairn/hdfs-storage'
import type { BlockPaths } from './block-paths.ts'

function markerPath(paths: BlockPaths, blockId: bigint): string {
  return `${paths.placeDirectory('rbw')}:.${formatBlockFileName(blockId)}.restart`
}

/** Promises that the replica is taken for RBW by the DataNode, Java's or ours, that starts before `untilMs`. */
export function writeRestartMarker(paths: BlockPaths, blockId: bigint, untilMs: number): void {
  writeFileSync(markerPath(paths, blockId), String(untilMs))
}

/** Removes the marker; true when there was one and its time has not passed. */
export function takeRestartMarker(paths: BlockPaths, blockId: bigint, nowMs: number): boolean {
  const path = markerPath(paths, blockId)
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  rmSync(path)
  return Number(text.trim()) > nowMs
}
