/** `DiskBalancerException.Result`. */
export type DiskBalancerFault =
  | 'DISK_BALANCER_NOT_ENABLED'
  | 'INVALID_PLAN_VERSION'
  | 'INVALID_PLAN'
  | 'INVALID_PLAN_HASH'
  | 'OLD_PLAN_SUBMITTED'
  | 'DATANODE_ID_MISMATCH'
  | 'MALFORMED_PLAN'
  | 'PLAN_ALREADY_IN_PROGRESS'
  | 'INVALID_VOLUME'
  | 'INVALID_MOVE'
  | 'NO_SUCH_PLAN'
  | 'UNKNOWN_KEY'

/** Why the disk balancer refuses; its message reaches the administrator. */
export class DiskBalancerError extends Error {
  override readonly name = 'DiskBalancerError'
  readonly code = 'ERR_DN_DISK_BALANCER'
  readonly fault: DiskBalancerFault

  constructor(fault: DiskBalancerFault, message: string) {
    super(message)
    this.fault = fault
  }
}
