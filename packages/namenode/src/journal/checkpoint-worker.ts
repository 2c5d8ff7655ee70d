/** Runs one checkpoint in a thread of its own, so that no call waits for it. */
import { parentPort, workerData } from 'node:worker_threads'
import { silentLogger } from '../logger.ts'
import type { NamespaceIdentity } from '../namespace/namespace.ts'
import { writeCheckpoint } from './checkpoint.ts'
import { nodeFileSystem } from './storage-file-system.ts'

/** What the thread is started with. */
export interface CheckpointWorkerData {
  readonly directory: string
  readonly identity: NamespaceIdentity
  readonly txid: number
}

const data = workerData as CheckpointWorkerData
const bytes = await writeCheckpoint({ ...data, fileSystem: nodeFileSystem, logger: silentLogger })
parentPort?.postMessage(bytes)
