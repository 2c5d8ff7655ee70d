export { type ConfiguredDataNode, configuredDataNode } from './configuration/datanode-options.ts'
export { localAddressTowards } from './configuration/local-address.ts'
export { defaultPorts } from './configuration/settings.ts'
export { type DataNode, startDataNode } from './datanode.ts'
export type { DiskBalancerOptions } from './disk-balancer/disk-balancer.ts'
export type { Logger } from './logger.ts'
export {
  configuredNameservices,
  type NamenodeAddress,
  type Nameservices,
} from './namenode/configured-nameservices.ts'
export type { DataNodeOptions } from './options.ts'
export type { DirectoryScanReport } from './scanner/directory-scanner.ts'
export { type DataTransferSecurityOptions, dataTransferSecurityOf } from './security/security-options.ts'
export type { DataNodeStatus, NamenodeStatus, VolumeStatus } from './status.ts'
export { DirectoryLockedError } from './storage/disk/lock-file.ts'
export { StorageIdentityError, StorageLayoutError } from './storage/disk/storage-identity.ts'
export type { ReservedSpace, ReservedSpaceKind } from './storage/reserved-space.ts'
export type { VolumeChoiceOptions } from './storage/volume-choice.ts'
export { type VolumeFailure, VolumeFailureError } from './storage/volume-failures.ts'
