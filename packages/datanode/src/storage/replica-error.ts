/** Why a replica operation was refused. */
export type ReplicaErrorCode =
  /** No such replica here. */
  | 'ERR_DN_REPLICA_MISSING'
  /** The replica is here already in a state that forbids the operation. */
  | 'ERR_DN_REPLICA_EXISTS'
  /** State, length or generation stamp is not what the caller must have. */
  | 'ERR_DN_REPLICA_STATE'
  /** Bytes do not fit their checksums. */
  | 'ERR_DN_REPLICA_CORRUPT'
  /** A recovery with the same or a later id is under way. */
  | 'ERR_DN_RECOVERY_IN_PROGRESS'
  /** No volume has room. */
  | 'ERR_DN_DISK_FULL'

/** The Java exception that a peer expects for each code. */
const javaClasses: Record<ReplicaErrorCode, string> = {
  ERR_DN_REPLICA_MISSING: 'org.apache.hadoop.hdfs.server.datanode.ReplicaNotFoundException',
  ERR_DN_REPLICA_EXISTS: 'org.apache.hadoop.hdfs.server.datanode.ReplicaAlreadyExistsException',
  ERR_DN_REPLICA_STATE: 'java.io.IOException',
  ERR_DN_REPLICA_CORRUPT: 'org.apache.hadoop.fs.ChecksumException',
  ERR_DN_RECOVERY_IN_PROGRESS: 'org.apache.hadoop.hdfs.protocol.RecoveryInProgressException',
  ERR_DN_DISK_FULL: 'org.apache.hadoop.util.DiskChecker$DiskOutOfSpaceException',
}

/** A replica operation that cannot be done; the message goes to the peer. */
export class ReplicaError extends Error {
  override readonly name = 'ReplicaError'
  readonly code: ReplicaErrorCode

  constructor(code: ReplicaErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  get javaClass(): string {
    return javaClasses[this.code]
  }
}
