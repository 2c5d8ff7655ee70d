import { Worker } from 'node:worker_threads'
import type { CheckpointWorkerData } from './checkpoint-worker.ts'

/** Writes a checkpoint in a thread of its own; resolves with the image's bytes once it is durable. */
export function runCheckpointThread(data: CheckpointWorkerData): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), { workerData: data })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) =>
      reject(new Error(`write a checkpoint: found its thread ended with code ${code}`)),
    )
  })
}
