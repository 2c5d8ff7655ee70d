import { Worker } from 'node:worker_threads'
import type { CheckpointWorkerData } from './checkpoint-worker.ts'

/** Beside this file, compiled as it is compiled: a newer Node runs the sources as they are. */
const workerModule = new URL(
  import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js',
  import.meta.url,
)

/** Writes a checkpoint in a thread of its own; resolves with the image's bytes once it is durable. */
export function runCheckpointThread(data: CheckpointWorkerData): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerModule, { workerData: data })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new Error(`write a checkpoint: found its thread ended with code ${code}`)),
    )
  })
}
