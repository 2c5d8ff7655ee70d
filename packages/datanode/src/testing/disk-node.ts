import { randomUUID } from 'node:crypto'
import { type Logger, silentLogger } from '../logger.ts'
import { DataStorage } from '../storage/data-storage.ts'
import type { Replica } from '../storage/replica.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'
import { testPool } from './transfer-node.ts'

/** The storage half of a DataNode on disk; what the NameNode would be told is kept as text. */
export class DiskNode {
  readonly told: string[] = []
  readonly storage: DataStorage
  readonly store: ReplicaStore
  readonly events = {
    received: (_: string, replica: Replica) => this.#tell('received', replica),
    deleted: (_: string, replica: Replica) => this.#tell('deleted', replica),
    corrupt: (_: string, replica: Replica, reason: string) => this.#tell('corrupt', replica, `: ${reason}`),
  }
  readonly logger: Logger = silentLogger

  private constructor(storage: DataStorage, store: ReplicaStore) {
    this.storage = storage
    this.store = store
  }

  static open(...dirs: string[]): Promise<DiskNode> {
    return DiskNode.openWith({ dirs })
  }

  static async openWith(options: { dirs: readonly string[]; rollback?: boolean }): Promise<DiskNode> {
    const storage = new DataStorage({ ...options, logger: silentLogger, now: () => 0, newUuid: randomUUID })
    return new DiskNode(storage, await storage.openPool(testPool))
  }

  /** A complete replica of `bytes`, on the volume that is next in turn. */
  add(blockId: bigint, bytes: Uint8Array, generationStamp = 1001n): Replica {
    const writer = this.store.createRbw({
      blockId,
      generationStamp,
      expectedBytes: bytes.length,
      storageType: undefined,
      checksum: { type: 'CRC32C', bytesPerChecksum: 512 },
    })
    if (bytes.length > 0) {
      writer.addComputed(0, bytes)
      writer.flush()
    }
    writer.close()
    this.store.finalize(writer.replica)
    return writer.replica
  }

  path(replica: Replica, part: 'data' | 'meta'): string {
    return replica.slice.paths![part](replica)
  }

  close(): Promise<void> {
    return this.storage.close()
  }

  #tell(what: string, replica: Replica, more = ''): void {
    this.told.push(`${what} ${replica.blockId}_${replica.generationStamp} ${replica.length}${more}`)
  }
}
