/** Files whose blocks DataNodes may keep in memory for a while: CreateFlag LAZY_PERSIST. */
import { unsupportedOperation } from '../java-exceptions.ts'
import type { INodeFile } from '../namespace/inode.ts'
import { storagePolicyOf } from './file-status.ts'

/** BlockStoragePolicySuite's LAZY_PERSIST: one replica in memory where there is room, else on disk. */
export const lazyPersistPolicyId = 15

/** Such files are written once; `what` is `append to` or `truncate`. */
export function refuseLazyPersist(file: INodeFile, what: string, path: string): void {
  if (storagePolicyOf(file) !== lazyPersistPolicyId) return
  throw unsupportedOperation(`Cannot ${what} lazy persist file ${path}`)
}
