// The complete replicas of a volume in the order of their names, as Java's block iterator goes: by the folder, the
// folder in it and the block file, each compared as text.
import { readdir } from 'node:fs/promises'
import { parseReplicaFileName } from '@cairn/hdfs-storage'
import type { ScanCursor } from './scan-cursor.ts'

/** Steps from block to block; what comes and goes meanwhile is met or not. */
export class BlockWalk {
  readonly #root: string
  readonly #cursor: ScanCursor
  /** Block files of the folder at hand that are still to come, the next one last. */
  #entries: string[] | undefined

  constructor(root: string, cursor: ScanCursor) {
    this.#root = root
    this.#cursor = cursor
  }

  /** The block behind the cursor, which moves on to it; undefined at the end. */
  async next(): Promise<bigint | undefined> {
    const cursor = this.#cursor
    while (!cursor.atEnd) {
      this.#entries ??= await this.#restOfFolder()
      const entry = this.#entries.pop()
      if (entry !== undefined) {
        cursor.curEntry = entry
        const parsed = parseReplicaFileName(entry)
        return parsed?.blockId
      }
      await this.#nextFolder()
    }
    return undefined
  }

  async #restOfFolder(): Promise<string[]> {
    const { curFinalizedDir, curFinalizedSubDir, curEntry } = this.#cursor
    if (curFinalizedDir === null || curFinalizedSubDir === null) return []
    const names = await namesIn(`${this.#root}/${curFinalizedDir}/${curFinalizedSubDir}`)
    return names
      .filter(
        (name) => parseReplicaFileName(name)?.kind === 'block' && (curEntry === null || name > curEntry),
      )
      .sort()
      .reverse()
  }

  async #nextFolder(): Promise<void> {
    const cursor = this.#cursor
    this.#entries = undefined
    cursor.curEntry = null
    if (cursor.curFinalizedDir !== null) {
      cursor.curFinalizedSubDir = await this.#folderAfter(cursor.curFinalizedDir, cursor.curFinalizedSubDir)
      if (cursor.curFinalizedSubDir !== null) return
    }
    cursor.curFinalizedDir = await this.#folderAfter('', cursor.curFinalizedDir)
    cursor.atEnd = cursor.curFinalizedDir === null
  }

  async #folderAfter(parent: string, name: string | null): Promise<string | null> {
    const names = await namesIn(`${this.#root}/${parent}`)
    const later = names.filter(
      (candidate) => candidate.startsWith('subdir') && (name === null || candidate > name),
    )
    return later.sort()[0] ?? null
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
