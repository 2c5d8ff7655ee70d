/**
 * Java's exceptions and the error codes of POSIX: the one table of both. The class names are part of Hadoop's wire
 * interface: a NameNode sends `exceptionClassName`, and clients act on it.
 */

/** Full names of the exception classes that HDFS clients meet. */
export const javaExceptions = {
  AccessControlException: 'org.apache.hadoop.security.AccessControlException',
  AuthorizationException: 'org.apache.hadoop.security.authorize.AuthorizationException',
  InvalidToken: 'org.apache.hadoop.security.token.SecretManager$InvalidToken',
  FileNotFoundException: 'java.io.FileNotFoundException',
  IOException: 'java.io.IOException',
  EOFException: 'java.io.EOFException',
  SocketTimeoutException: 'java.net.SocketTimeoutException',
  ConnectException: 'java.net.ConnectException',
  IllegalArgumentException: 'java.lang.IllegalArgumentException',
  UnsupportedOperationException: 'java.lang.UnsupportedOperationException',
  NullPointerException: 'java.lang.NullPointerException',
  HadoopIllegalArgumentException: 'org.apache.hadoop.HadoopIllegalArgumentException',
  FileAlreadyExistsException: 'org.apache.hadoop.fs.FileAlreadyExistsException',
  ParentNotDirectoryException: 'org.apache.hadoop.fs.ParentNotDirectoryException',
  PathIOException: 'org.apache.hadoop.fs.PathIOException',
  PathIsNotDirectoryException: 'org.apache.hadoop.fs.PathIsNotDirectoryException',
  PathIsDirectoryException: 'org.apache.hadoop.fs.PathIsDirectoryException',
  PathIsNotEmptyDirectoryException: 'org.apache.hadoop.fs.PathIsNotEmptyDirectoryException',
  PathNotFoundException: 'org.apache.hadoop.fs.PathNotFoundException',
  PathExistsException: 'org.apache.hadoop.fs.PathExistsException',
  PathPermissionException: 'org.apache.hadoop.fs.PathPermissionException',
  PathAccessDeniedException: 'org.apache.hadoop.fs.PathAccessDeniedException',
  InvalidPathException: 'org.apache.hadoop.fs.InvalidPathException',
  InvalidRequestException: 'org.apache.hadoop.fs.InvalidRequestException',
  UnresolvedLinkException: 'org.apache.hadoop.fs.UnresolvedLinkException',
  ChecksumException: 'org.apache.hadoop.fs.ChecksumException',
  XAttrNotFoundException: 'org.apache.hadoop.hdfs.protocol.XAttrNotFoundException',
  AclException: 'org.apache.hadoop.hdfs.protocol.AclException',
  AlreadyBeingCreatedException: 'org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException',
  RecoveryInProgressException: 'org.apache.hadoop.hdfs.protocol.RecoveryInProgressException',
  UnresolvedPathException: 'org.apache.hadoop.hdfs.protocol.UnresolvedPathException',
  QuotaExceededException: 'org.apache.hadoop.hdfs.protocol.QuotaExceededException',
  NSQuotaExceededException: 'org.apache.hadoop.hdfs.protocol.NSQuotaExceededException',
  DSQuotaExceededException: 'org.apache.hadoop.hdfs.protocol.DSQuotaExceededException',
  QuotaByStorageTypeExceededException: 'org.apache.hadoop.hdfs.protocol.QuotaByStorageTypeExceededException',
  SnapshotAccessControlException: 'org.apache.hadoop.hdfs.protocol.SnapshotAccessControlException',
  SnapshotException: 'org.apache.hadoop.hdfs.protocol.SnapshotException',
  PathComponentTooLongException:
    'org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException',
  MaxDirectoryItemsExceededException:
    'org.apache.hadoop.hdfs.protocol.FSLimitException$MaxDirectoryItemsExceededException',
  UnregisteredNodeException: 'org.apache.hadoop.hdfs.protocol.UnregisteredNodeException',
  UnregisteredDatanodeException: 'org.apache.hadoop.hdfs.protocol.UnregisteredDatanodeException',
  UnsupportedActionException: 'org.apache.hadoop.hdfs.server.namenode.UnsupportedActionException',
  SafeModeException: 'org.apache.hadoop.hdfs.server.namenode.SafeModeException',
  LeaseExpiredException: 'org.apache.hadoop.hdfs.server.namenode.LeaseExpiredException',
  NotReplicatedYetException: 'org.apache.hadoop.hdfs.server.namenode.NotReplicatedYetException',
  RetryStartFileException: 'org.apache.hadoop.hdfs.server.namenode.RetryStartFileException',
  DisallowedDatanodeException: 'org.apache.hadoop.hdfs.server.protocol.DisallowedDatanodeException',
  InvalidBlockReportLeaseException: 'org.apache.hadoop.hdfs.server.protocol.InvalidBlockReportLeaseException',
  IncorrectVersionException: 'org.apache.hadoop.hdfs.server.common.IncorrectVersionException',
  ReplicaNotFoundException: 'org.apache.hadoop.hdfs.server.datanode.ReplicaNotFoundException',
  StandbyException: 'org.apache.hadoop.ipc.StandbyException',
  RetriableException: 'org.apache.hadoop.ipc.RetriableException',
  ObserverRetryOnActiveException: 'org.apache.hadoop.ipc.ObserverRetryOnActiveException',
  RpcNoSuchMethodException: 'org.apache.hadoop.ipc.RpcNoSuchMethodException',
  RpcNoSuchProtocolException: 'org.apache.hadoop.ipc.RpcNoSuchProtocolException',
  DiskOutOfSpaceException: 'org.apache.hadoop.util.DiskChecker$DiskOutOfSpaceException',
} as const

/** Class name without its package, by which this table knows an exception. */
export type JavaExceptionName = keyof typeof javaExceptions

/** What Java calls a superclass, where it is not IOException: catching it catches its subclasses. */
export const javaSuperclasses: Readonly<Partial<Record<JavaExceptionName, JavaExceptionName | 'none'>>> = {
  IOException: 'none',
  IllegalArgumentException: 'none',
  UnsupportedOperationException: 'none',
  NullPointerException: 'none',
  AuthorizationException: 'AccessControlException',
  SnapshotAccessControlException: 'AccessControlException',
  HadoopIllegalArgumentException: 'IllegalArgumentException',
  InvalidPathException: 'HadoopIllegalArgumentException',
  PathNotFoundException: 'PathIOException',
  PathExistsException: 'PathIOException',
  PathPermissionException: 'PathIOException',
  PathAccessDeniedException: 'PathIOException',
  PathIsNotDirectoryException: 'PathExistsException',
  PathIsDirectoryException: 'PathExistsException',
  PathIsNotEmptyDirectoryException: 'PathExistsException',
  UnresolvedPathException: 'UnresolvedLinkException',
  NSQuotaExceededException: 'QuotaExceededException',
  DSQuotaExceededException: 'QuotaExceededException',
  QuotaByStorageTypeExceededException: 'QuotaExceededException',
  PathComponentTooLongException: 'QuotaExceededException',
  MaxDirectoryItemsExceededException: 'QuotaExceededException',
  ObserverRetryOnActiveException: 'StandbyException',
}

/** Codes that `errnoOfJavaClass` gives; a subset of POSIX's. */
export type Errno =
  | 'EACCES'
  | 'EAGAIN'
  | 'EBUSY'
  | 'ECONNREFUSED'
  | 'EDQUOT'
  | 'EEXIST'
  | 'EINVAL'
  | 'EIO'
  | 'EISDIR'
  | 'ELOOP'
  | 'ENAMETOOLONG'
  | 'ENODATA'
  | 'ENOENT'
  | 'ENOSPC'
  | 'ENOSYS'
  | 'ENOTDIR'
  | 'ENOTEMPTY'
  | 'ENOTSUP'
  | 'EROFS'
  | 'ESTALE'
  | 'ETIMEDOUT'

const errnoOfName: Readonly<Record<JavaExceptionName, Errno>> = {
  AccessControlException: 'EACCES',
  AuthorizationException: 'EACCES',
  InvalidToken: 'EACCES',
  FileNotFoundException: 'ENOENT',
  IOException: 'EIO',
  EOFException: 'EIO',
  SocketTimeoutException: 'ETIMEDOUT',
  ConnectException: 'ECONNREFUSED',
  IllegalArgumentException: 'EINVAL',
  UnsupportedOperationException: 'ENOTSUP',
  NullPointerException: 'EIO',
  HadoopIllegalArgumentException: 'EINVAL',
  FileAlreadyExistsException: 'EEXIST',
  ParentNotDirectoryException: 'ENOTDIR',
  PathIOException: 'EIO',
  PathIsNotDirectoryException: 'ENOTDIR',
  PathIsDirectoryException: 'EISDIR',
  PathIsNotEmptyDirectoryException: 'ENOTEMPTY',
  PathNotFoundException: 'ENOENT',
  PathExistsException: 'EEXIST',
  PathPermissionException: 'EACCES',
  PathAccessDeniedException: 'EACCES',
  InvalidPathException: 'EINVAL',
  InvalidRequestException: 'EINVAL',
  UnresolvedLinkException: 'ELOOP',
  ChecksumException: 'EIO',
  XAttrNotFoundException: 'ENODATA',
  AclException: 'EINVAL',
  AlreadyBeingCreatedException: 'EBUSY',
  RecoveryInProgressException: 'EBUSY',
  UnresolvedPathException: 'ELOOP',
  QuotaExceededException: 'EDQUOT',
  NSQuotaExceededException: 'EDQUOT',
  DSQuotaExceededException: 'EDQUOT',
  QuotaByStorageTypeExceededException: 'EDQUOT',
  SnapshotAccessControlException: 'EROFS',
  SnapshotException: 'EINVAL',
  PathComponentTooLongException: 'ENAMETOOLONG',
  MaxDirectoryItemsExceededException: 'ENOSPC',
  UnregisteredNodeException: 'EACCES',
  UnregisteredDatanodeException: 'EACCES',
  UnsupportedActionException: 'ENOTSUP',
  SafeModeException: 'EROFS',
  LeaseExpiredException: 'ESTALE',
  NotReplicatedYetException: 'EAGAIN',
  RetryStartFileException: 'EAGAIN',
  DisallowedDatanodeException: 'EACCES',
  InvalidBlockReportLeaseException: 'EAGAIN',
  IncorrectVersionException: 'EINVAL',
  ReplicaNotFoundException: 'ENOENT',
  StandbyException: 'EAGAIN',
  RetriableException: 'EAGAIN',
  ObserverRetryOnActiveException: 'EAGAIN',
  RpcNoSuchMethodException: 'ENOSYS',
  RpcNoSuchProtocolException: 'ENOSYS',
  DiskOutOfSpaceException: 'ENOSPC',
}

const errnoOfClass: ReadonlyMap<string, Errno> = new Map(
  Object.entries(javaExceptions).map(([name, javaClass]) => [
    javaClass,
    errnoOfName[name as JavaExceptionName],
  ]),
)

/**
 * Some classes say too little: a path that is a directory where a file was meant is a FileNotFoundException, and many
 * refusals are plain IOExceptions. The first line whose class and text fit decides.
 */
const errnoByMessage: readonly (readonly [JavaExceptionName, RegExp, Errno])[] = [
  ['FileNotFoundException', /^Path is not a file/, 'EISDIR'],
  ['FileAlreadyExistsException', /already exists as a directory/, 'EISDIR'],
  ['FileNotFoundException', /already exists as a directory/, 'EISDIR'],
  ['AccessControlException', /\(is not a directory\)|is not a directory$/m, 'ENOTDIR'],
  ['IOException', /could only be (written|replicated) to 0 (of|nodes)/, 'ENOSPC'],
  ['IOException', /(is not empty|non[ -]empty)/i, 'ENOTEMPTY'],
  ['IOException', /must both be directories/, 'ENOTDIR'],
  ['IOException', /^(File|Directory) does not exist/, 'ENOENT'],
  // Hadoop 1 has few classes of its own for this.
  ['IOException', /^failed to create file .* the file exists/, 'EEXIST'],
  ['IOException', /already exists as a directory/, 'EISDIR'],
  ['IOException', /^Unknown file: /, 'ENOENT'],
  ['IOException', /^failed to append to directory/, 'EISDIR'],
  ['IOException', /^Append is not supported/, 'ENOTSUP'],
  ['IOException', /^Invalid (directory )?name: /, 'EINVAL'],
  ['IOException', /^Requested replication \d+ (exceeds maximum|is less than)/m, 'EINVAL'],
  ['IOException', /^Unable to close file because/, 'EAGAIN'],
  ['IOException', /[Ii]nvalid (file|path|src|dst|symlink) ?(name|path)?/, 'EINVAL'],
  ['IOException', /is less than configured minimum value/, 'EINVAL'],
  ['SnapshotException', /cannot be (deleted|renamed)/, 'EBUSY'],
]

/** The error code for a Java exception; `EIO` for a class that nobody has heard of. */
export function errnoOfJavaClass(javaClass: string, message = ''): Errno {
  for (const [name, pattern, errno] of errnoByMessage) {
    if (javaExceptions[name] === javaClass && pattern.test(message)) return errno
  }
  return errnoOfClass.get(javaClass) ?? 'EIO'
}
