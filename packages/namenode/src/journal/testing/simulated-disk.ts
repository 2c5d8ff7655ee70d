/**
 * A disk in memory that fails, stops or loses power at a chosen operation, for the tests of the journal.
 *
 * It keeps two truths: what the running process sees, and what is durable. A write is durable after `dataSync`, a
 * name after `syncDirectory`; of what is not, a power cut keeps a part that chance chooses.
 */
import type { OpenMode, StorageFile, StorageFileSystem } from '../storage-file-system.ts'

/** What happens at the chosen operation. `error` fails it alone, `stop` ends the process inside it, `short` writes less. */
export type Fault = { readonly at: number; readonly kind: 'error' | 'stop' | 'short' }

/** Thrown by every operation from a `stop` on. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

type Change = { readonly position: number; readonly bytes: Uint8Array } | { readonly length: number }

interface Content {
  bytes: Uint8Array
  durable: Uint8Array
  pending: Change[]
}

type NameChange = readonly { readonly path: string; readonly content: Content | undefined }[]

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  if ('length' in change) {
    const cut = new Uint8Array(change.length)
    cut.set(bytes.subarray(0, change.length))
    return cut
  }
  const end = change.position + change.bytes.length
  const out = new Uint8Array(Math.max(end, bytes.length))
  out.set(bytes)
  out.set(change.bytes, change.position)
  return out
}

/** See the head of the file. */
export class SimulatedDisk implements StorageFileSystem {
  readonly #names = new Map<string, Content>()
  readonly #durableNames = new Map<string, Content>()
  #pendingNames: NameChange[] = []
  readonly #syncsWrites: boolean
  #stopped = false
  /** Operations so far. */
  operations = 0
  fault: Fault | undefined

  constructor(options: { readonly syncsWrites?: boolean } = {}) {
    this.#syncsWrites = options.syncsWrites ?? false
  }

  /** The disk that the next process finds after `kill -9`: everything that was written. */
  afterKill(): SimulatedDisk {
    const next = new SimulatedDisk({ syncsWrites: this.#syncsWrites })
    for (const [path, content] of this.#names) next.put(path, content.bytes)
    return next
  }

  /**
   * The disk after a power cut: of names the first few changes that were not durable, of each file the first few
   * writes, the last of these in part. With `sectors`, the last write keeps any of its sectors of 512 bytes.
   */
  afterPowerCut(random: () => number, sectors = false): SimulatedDisk {
    const next = new SimulatedDisk({ syncsWrites: this.#syncsWrites })
    const names = new Map(this.#durableNames)
    const kept = Math.floor(random() * (this.#pendingNames.length + 1))
    for (const { path, content } of this.#pendingNames.slice(0, kept).flat()) {
      if (content === undefined) names.delete(path)
      else names.set(path, content)
    }
    for (const [path, content] of names) next.put(path, survivor(content, random, sectors))
    return next
  }

  /** The bytes of a file as the process sees them. */
  get(path: string): Uint8Array | undefined {
    return this.#names.get(path)?.bytes
  }

  /** Puts a durable file there. */
  put(path: string, bytes: Uint8Array): void {
    const content = { bytes: bytes.slice(), durable: bytes.slice(), pending: [] }
    this.#names.set(path, content)
    this.#durableNames.set(path, content)
  }

  /** Names of all files. */
  paths(): string[] {
    return [...this.#names.keys()].sort()
  }

  #step(): 'short' | undefined {
    if (this.#stopped) throw new StoppedError('the process is gone')
    const { fault } = this
    if (++this.operations !== fault?.at) return undefined
    if (fault.kind === 'short') return 'short'
    if (fault.kind === 'stop') {
      this.#stopped = true
      throw new StoppedError('the process ends here')
    }
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  }

  async list(directory: string): Promise<string[]> {
    this.#step()
    const prefix = `${directory}/`
    return this.paths()
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
  }

  async size(path: string): Promise<number | undefined> {
    this.#step()
    return this.#names.get(path)?.bytes.length
  }

  async open(path: string, mode: OpenMode): Promise<StorageFile> {
    this.#step()
    const creates = mode === 'create' || mode === 'create-synced'
    let content = this.#names.get(path)
    if (creates === (content !== undefined)) throw new Error(`${creates ? 'EEXIST' : 'ENOENT'}: open ${path}`)
    if (content === undefined) {
      content = { bytes: new Uint8Array(0), durable: new Uint8Array(0), pending: [] }
      this.#change([{ path, content }])
    }
    return this.#file(content, mode === 'create-synced' && this.#syncsWrites)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    const content = this.#names.get(from)
    if (content === undefined) throw new Error(`ENOENT: rename ${from}`)
    this.#change([
      { path: from, content: undefined },
      { path: to, content },
    ])
  }

  async remove(path: string): Promise<void> {
    this.#step()
    if (this.#names.has(path)) this.#change([{ path, content: undefined }])
  }

  async makeDirectory(): Promise<void> {
    this.#step()
  }

  async syncDirectory(): Promise<void> {
    this.#step()
    for (const { path, content } of this.#pendingNames.flat()) {
      if (content === undefined) this.#durableNames.delete(path)
      else this.#durableNames.set(path, content)
    }
    this.#pendingNames = []
  }

  #change(changes: NameChange): void {
    this.#pendingNames.push(changes)
    for (const { path, content } of changes) {
      if (content === undefined) this.#names.delete(path)
      else this.#names.set(path, content)
    }
  }

  #file(content: Content, syncsWrites: boolean): StorageFile {
    const sync = () => {
      content.durable = content.bytes
      content.pending = []
    }
    const apply = (change: Change) => {
      content.pending.push(change)
      content.bytes = changed(content.bytes, change)
    }
    return {
      syncsWrites,
      read: async (target, position) => {
        this.#step()
        const piece = content.bytes.subarray(position, position + target.length)
        target.set(piece)
        return piece.length
      },
      write: async (bytes, position) => {
        const half = bytes.slice(0, Math.ceil(bytes.length / 2))
        let short: 'short' | undefined
        try {
          short = this.#step()
        } catch (error) {
          // A process that ends inside a write leaves a part of it.
          if (error instanceof StoppedError && this.operations === this.fault?.at)
            apply({ position, bytes: half })
          throw error
        }
        const written = short === 'short' ? half : bytes.slice()
        apply({ position, bytes: written })
        if (syncsWrites) sync()
        return written.length
      },
      truncate: async (length) => {
        this.#step()
        apply({ length })
      },
      dataSync: async () => {
        this.#step()
        sync()
      },
      close: async () => {
        this.#step()
      },
    }
  }
}

function survivor(content: Content, random: () => number, sectors: boolean): Uint8Array {
  let bytes: Uint8Array = content.durable.slice()
  const kept = Math.floor(random() * (content.pending.length + 1))
  content.pending.slice(0, kept).forEach((change, index) => {
    if (index < kept - 1 || 'length' in change) {
      bytes = changed(bytes, change)
      return
    }
    const { position } = change
    if (!sectors) {
      bytes = changed(bytes, {
        position,
        bytes: change.bytes.subarray(0, Math.floor(random() * (change.bytes.length + 1))),
      })
      return
    }
    for (let at = 0; at < change.bytes.length; at += 512) {
      if (random() < 0.5)
        bytes = changed(bytes, { position: position + at, bytes: change.bytes.subarray(at, at + 512) })
    }
  })
  return bytes
}
