import { RemoteException } from '@cairn/hadoop-ipc'
import { javaExceptions } from '@cairn/hdfs-protocol'
import { ReplicaError } from '../storage/replica-error.ts'
import type { ReplicaStore } from '../storage/replica-store.ts'

/** The replicas of a pool; throws when there is no such pool. */
export type StoreLookup = (blockPoolId: string) => ReplicaStore

/** Runs a handler; what it throws reaches the caller as the Java exception that it expects. */
export function asRemote<T>(handler: () => T): T {
  try {
    return handler()
  } catch (error) {
    if (error instanceof ReplicaError)
      throw new RemoteException(error.javaClass, error.message, { cause: error })
    throw error
  }
}

/** The same for a handler that takes time. */
export async function asRemoteLater<T>(handler: () => Promise<T>): Promise<T> {
  try {
    return await handler()
  } catch (error) {
    return asRemote(() => {
      throw error
    })
  }
}

/** An answer to something that this DataNode does not do. */
export function unsupported(what: string): RemoteException {
  return new RemoteException(
    javaExceptions.UnsupportedOperationException,
    `${what}: this DataNode does not do that`,
  )
}
