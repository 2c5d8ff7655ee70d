/** The Java exceptions that this NameNode answers with; class and text are part of Hadoop's interface. */
import { RemoteException } from '@cairn/hadoop-rpc'

const hdfs = 'org.apache.hadoop.hdfs'

export function ioException(message: string): RemoteException {
  return new RemoteException('java.io.IOException', message)
}

export function fileNotFound(message: string): RemoteException {
  return new RemoteException('java.io.FileNotFoundException', message)
}

export function accessControl(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.security.AccessControlException', message)
}

export function invalidPath(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.fs.InvalidPathException', message)
}

export function fileAlreadyExists(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.fs.FileAlreadyExistsException', message)
}

export function parentNotDirectory(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.fs.ParentNotDirectoryException', message)
}

export function pathIsNotDirectory(path: string): RemoteException {
  return new RemoteException(
    'org.apache.hadoop.fs.PathIsNotDirectoryException',
    `\`${path}': Is not a directory`,
  )
}

export function pathIsNotEmptyDirectory(path: string): RemoteException {
  return new RemoteException(
    'org.apache.hadoop.fs.PathIsNotEmptyDirectoryException',
    `\`${path} is non empty': Directory is not empty`,
  )
}

export function alreadyBeingCreated(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.AlreadyBeingCreatedException`, message)
}

export function recoveryInProgress(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.RecoveryInProgressException`, message)
}

export function leaseExpired(message: string): RemoteException {
  return new RemoteException(`${hdfs}.server.namenode.LeaseExpiredException`, message)
}

export function notReplicatedYet(path: string): RemoteException {
  return new RemoteException(
    `${hdfs}.server.namenode.NotReplicatedYetException`,
    `Not replicated yet: ${path}`,
  )
}

export function safeModeException(message: string): RemoteException {
  return new RemoteException(`${hdfs}.server.namenode.SafeModeException`, message)
}

export function illegalArgument(message: string): RemoteException {
  return new RemoteException('java.lang.IllegalArgumentException', message)
}

export function hadoopIllegalArgument(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.HadoopIllegalArgumentException', message)
}

/** Java's NameNode asserts that paths are absolute, and answers with the assertion. */
export function assertionError(message: string): RemoteException {
  return new RemoteException('java.lang.AssertionError', message)
}

export function snapshotException(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.SnapshotException`, message)
}

export function xattrNotFound(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.XAttrNotFoundException`, message)
}

export function serviceFailed(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.ha.ServiceFailedException', message)
}

export function unsupportedAction(message: string): RemoteException {
  return new RemoteException(`${hdfs}.server.namenode.UnsupportedActionException`, message)
}

export function unsupportedOperation(message: string): RemoteException {
  return new RemoteException('java.lang.UnsupportedOperationException', message)
}

export function unresolvedLink(path: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.UnresolvedPathException`, path)
}

export function nsQuotaExceeded(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.NSQuotaExceededException`, message)
}

export function dsQuotaExceeded(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.DSQuotaExceededException`, message)
}

export function pathComponentTooLong(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.FSLimitException$PathComponentTooLongException`, message)
}

export function maxDirectoryItemsExceeded(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.FSLimitException$MaxDirectoryItemsExceededException`, message)
}

export function unregisteredNode(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.UnregisteredNodeException`, message)
}

export function incorrectVersion(message: string): RemoteException {
  return new RemoteException(`${hdfs}.server.common.IncorrectVersionException`, message)
}

export function aclException(message: string): RemoteException {
  return new RemoteException(`${hdfs}.protocol.AclException`, message)
}

export function retriable(message: string): RemoteException {
  return new RemoteException('org.apache.hadoop.ipc.RetriableException', message)
}
