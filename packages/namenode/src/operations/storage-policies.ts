/** The built-in storage policies; BlockStoragePolicySuite, FSDirAttrOp.setStoragePolicy. */
import type { BlockStoragePolicyProto } from '@cairn/hadoop-proto'
import type { Core } from '../core.ts'
import { fileNotFound, hadoopIllegalArgument } from '../java-exceptions.ts'
import type { Caller } from '../permissions/caller.ts'
import { access, checkAccess } from '../permissions/permission-checker.ts'
import { storagePolicyOf } from './file-status.ts'
import { resolve } from './resolve.ts'

/** StorageTypeProto */
const [disk, ssd, archive, ramDisk, provided, nvdimm] = [1, 2, 3, 4, 5, 6]

function policy(
  policyId: number,
  name: string,
  types: readonly number[],
  creationFallback: readonly number[],
  replicationFallback: readonly number[],
): BlockStoragePolicyProto {
  return {
    policyId,
    name,
    creationPolicy: { storageTypes: [...types] },
    creationFallbackPolicy: { storageTypes: [...creationFallback] },
    replicationFallbackPolicy: { storageTypes: [...replicationFallback] },
  }
}

/** By id; blocks of a file without a policy follow HOT. */
export const storagePolicies: readonly BlockStoragePolicyProto[] = [
  policy(1, 'PROVIDED', [provided, disk], [provided, disk], [provided, disk]),
  policy(2, 'COLD', [archive], [], []),
  policy(5, 'WARM', [disk, archive], [disk, archive], [disk, archive]),
  policy(7, 'HOT', [disk], [], [archive]),
  policy(10, 'ONE_SSD', [ssd, disk], [ssd, disk], [ssd, disk]),
  policy(12, 'ALL_SSD', [ssd], [disk], [disk]),
  policy(14, 'ALL_NVDIMM', [nvdimm], [disk], [disk]),
  policy(15, 'LAZY_PERSIST', [ramDisk, disk], [disk], [disk]),
]

/** The policy that holds where none is set. */
const hotPolicyId = 7

export function getStoragePolicy(core: Core, caller: Caller, src: string): BlockStoragePolicyProto {
  const { inode, path } = resolve(core, caller, src)
  if (inode === undefined) throw fileNotFound(`File/Directory does not exist: ${path}`)
  checkAccess(caller, inode, access.read)
  const id = storagePolicyOf(inode) || hotPolicyId
  const found = storagePolicies.find((candidate) => candidate.policyId === id)
  if (found === undefined) throw hadoopIllegalArgument(`Cannot find a block policy with the id ${id}`)
  return found
}

/** `name` undefined takes the node's own policy away. */
export function setStoragePolicy(core: Core, caller: Caller, src: string, name: string | undefined): void {
  const chosen = storagePolicies.find((candidate) => candidate.name === name?.toUpperCase())
  if (name !== undefined && chosen === undefined) {
    throw hadoopIllegalArgument(`Cannot find a block policy with the name ${name}`)
  }
  const { inode, path } = resolve(core, caller, src)
  core.checkNotSafeMode(`Cannot ${name === undefined ? 'unset' : 'set'} storage policy for ${src}`)
  if (inode === undefined) throw fileNotFound(`File/Directory does not exist: ${path}`)
  checkAccess(caller, inode, access.write)
  core.commit({ op: 'OP_SET_STORAGE_POLICY', path, policyId: chosen?.policyId ?? 0 })
}
