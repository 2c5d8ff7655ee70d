/** A journal for namespaces that live as long as their process: it counts transactions and keeps none. */
import type { EditOp } from '@cairn/hdfs-storage'
import type { Journal } from './journal.ts'

const done = Promise.resolve()

export class MemoryJournal implements Journal {
  lastTxId = 0n

  get syncedTxId(): bigint {
    return this.lastTxId
  }

  append(_op: EditOp): bigint {
    this.lastTxId += 1n
    return this.lastTxId
  }

  sync(): Promise<void> {
    return done
  }

  roll(): Promise<bigint> {
    return Promise.resolve(this.lastTxId + 1n)
  }

  close(): Promise<void> {
    return done
  }
}
