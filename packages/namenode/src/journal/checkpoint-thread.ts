import { Worker } from 'node:worker_threads'
import type { CheckpointWorkerData } from './checkpoint-worker.ts'

/** Beside this file, compiled as it is compiled: a newer Node runs the sources as they are. */
const workerModule = new URL(
  import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js',
  import.meta.url,
)

/**
 * Writes a checkpoint in a thread of its own; resolves with the image's bytes once it is durable. The signal ends the
 * thread where it stands: what it leaves behind is removed by the next recovery.
 */
export async function runCheckpointThread(data: CheckpointWorkerData, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  const worker = new Worker(workerModule, { workerData: data })
  const stop = () => void worker.terminate()
  signal.addEventListener('abort', stop)
  try {
    return await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) =>
        reject(
          signal.aborted
            ? signal.reason
            : new Error(`write a checkpoint: found its thread ended with code ${code}`),
        ),
      )
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
