import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Overwrites bytes in the middle of a block's file below a storage directory; false when it is not there. */
export function corruptBlockFile(storageDir: string, blockId: number, generationStamp: number): boolean {
  const root = storageDir.replace(/^\[.*\]/, '')
  const metaName = `blk_${blockId}_${generationStamp}.meta`
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.name !== metaName) continue
    const path = join(entry.parentPath, `blk_${blockId}`)
    const at = Math.floor(statSync(path).size / 2)
    const fd = openSync(path, 'r+')
    writeSync(fd, 'BADBAD', at)
    closeSync(fd)
    return true
  }
  return false
}
