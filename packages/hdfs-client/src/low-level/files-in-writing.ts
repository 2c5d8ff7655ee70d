import type { ExtendedBlockProto } from '@cairn/hadoop-proto'
import type { Block } from './values.ts'

interface FileInWriting {
  /** From the answer to create; 0: the release has no file ids. */
  readonly fileId: bigint
  last: Block | undefined
  /** The block before the last one, which is the last again when that is abandoned. */
  before?: Block | undefined
}

/**
 * What the next addBlock and complete of a file must say since Hadoop 2: the block before, with its length, and the
 * file's id. The short calls remember it, so that programs say as little as Hadoop 1 asked for.
 */
export class FilesInWriting {
  readonly #files = new Map<string, FileInWriting>()

  created(path: string, clientName: string, fileId: bigint): void {
    this.#files.set(keyOf(path, clientName), { fileId, last: undefined })
  }
  added(path: string, clientName: string, block: Block): void {
    const key = keyOf(path, clientName)
    const { fileId = 0n, last } = this.#files.get(key) ?? {}
    this.#files.set(key, { fileId, last: block, before: last })
  }
  /** The NameNode has taken a block back. */
  abandoned(path: string, clientName: string, blockId: bigint): void {
    const file = this.#files.get(keyOf(path, clientName))
    if (file?.last?.id !== blockId) return
    file.last = file.before
    file.before = undefined
  }
  completed(path: string, clientName: string): void {
    this.#files.delete(keyOf(path, clientName))
  }

  fileId(path: string, clientName: string): bigint {
    return this.#files.get(keyOf(path, clientName))?.fileId ?? 0n
  }
  /** The block that was added last, with what was written to it. */
  last(path: string, clientName: string): ExtendedBlockProto | undefined {
    return this.#files.get(keyOf(path, clientName))?.last?.message.b
  }
}

function keyOf(path: string, clientName: string): string {
  return `${clientName}\0${path}`
}
