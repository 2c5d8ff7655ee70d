// `scanner.cursor` of a block pool on a volume: how far the block scanner has come. Java's file, the JSON of
// `FsVolumeImpl.BlockIteratorImpl.BlockIteratorState`, so that either DataNode goes on where the other stopped.
import { readFileSync } from 'node:fs'
import { writeFileDurably } from '../storage/disk/write-file-durably.ts'

/** How far a pass over the complete replicas of a volume has come. Times are milliseconds since 1970. */
export interface ScanCursor {
  lastSavedMs: number
  /** When this pass began. */
  iterStartMs: number
  /** `subdir0` … of the last block looked at; null before the first. */
  curFinalizedDir: string | null
  curFinalizedSubDir: string | null
  /** `blk_1073741825`: the last block looked at. */
  curEntry: string | null
  /** The pass is complete. */
  atEnd: boolean
}

/** The beginning of a new pass. */
export function newCursor(nowMs: number): ScanCursor {
  return {
    lastSavedMs: nowMs,
    iterStartMs: nowMs,
    curFinalizedDir: null,
    curFinalizedSubDir: null,
    curEntry: null,
    atEnd: false,
  }
}

/** A cursor that cannot be read is as good as none. */
export function readCursor(path: string, nowMs: number): ScanCursor {
  let found: unknown
  try {
    found = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return newCursor(nowMs)
  }
  return isCursor(found) && found.iterStartMs <= nowMs ? found : newCursor(nowMs)
}

export function saveCursor(path: string, cursor: ScanCursor): void {
  writeFileDurably(path, `${JSON.stringify(cursor, undefined, 2)}\n`)
}

function isCursor(value: unknown): value is ScanCursor {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<keyof ScanCursor, unknown>
  const isName = (name: unknown): boolean => name === null || typeof name === 'string'
  return (
    typeof fields.lastSavedMs === 'number' &&
    typeof fields.iterStartMs === 'number' &&
    isName(fields.curFinalizedDir) &&
    isName(fields.curFinalizedSubDir) &&
    isName(fields.curEntry) &&
    typeof fields.atEnd === 'boolean'
  )
}
