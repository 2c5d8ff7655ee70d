// One class for each Java exception of the table. A class that the table lacks, or its name here, does not compile.
import type { Errno, JavaExceptionName } from './exceptions.ts'
import { errnoOfJavaClass, javaExceptions, javaSuperclasses } from './exceptions.ts'
import { ProtocolException, type ProtocolExceptionInit } from './protocol-exception.ts'

/** The class of one Java exception: `error instanceof FileNotFoundException`. */
export interface ProtocolExceptionClass<N extends JavaExceptionName> {
  new (reason: string, init?: ProtocolExceptionInit): ProtocolException
  /** Full Java name. */
  readonly javaClass: (typeof javaExceptions)[N]
  /** Code of POSIX for it, where its text says nothing finer. */
  readonly errno: Errno
  readonly prototype: ProtocolException
}

type ProtocolExceptionClasses = { readonly [N in JavaExceptionName]: ProtocolExceptionClass<N> }

const made = new Map<string, typeof ProtocolException>()

function classOf(name: JavaExceptionName): typeof ProtocolException {
  const known = made.get(javaExceptions[name])
  if (known !== undefined) return known
  const superclass = javaSuperclasses[name] ?? 'IOException'
  const parent = superclass === 'none' ? ProtocolException : classOf(superclass)
  const javaClass = javaExceptions[name]
  const exception = {
    [name]: class extends parent {
      static readonly javaClass: string = javaClass
      static readonly errno: Errno = errnoOfJavaClass(javaClass)
      constructor(reason: string, init: ProtocolExceptionInit = {}) {
        super(reason, { javaClass, ...init })
      }
    },
  }[name]!
  made.set(javaClass, exception)
  return exception
}

/** Every class by its name without package; unheard-of exceptions are `ProtocolException` itself. */
export const protocolExceptions: ProtocolExceptionClasses = Object.fromEntries(
  Object.keys(javaExceptions).map((name) => [name, classOf(name as JavaExceptionName)]),
) as unknown as ProtocolExceptionClasses

/** The exception of a Java class, in the class that stands for it. */
export function makeProtocolException(
  javaClass: string,
  reason: string,
  init: Omit<ProtocolExceptionInit, 'javaClass'> = {},
): ProtocolException {
  const known = made.get(javaClass) ?? ProtocolException
  return new known(reason, { ...init, javaClass })
}

export const {
  AccessControlException,
  AuthorizationException,
  InvalidToken,
  FileNotFoundException,
  IOException,
  EOFException,
  SocketTimeoutException,
  ConnectException,
  IllegalArgumentException,
  UnsupportedOperationException,
  NullPointerException,
  HadoopIllegalArgumentException,
  FileAlreadyExistsException,
  ParentNotDirectoryException,
  PathIOException,
  PathIsNotDirectoryException,
  PathIsDirectoryException,
  PathIsNotEmptyDirectoryException,
  PathNotFoundException,
  PathExistsException,
  PathPermissionException,
  PathAccessDeniedException,
  InvalidPathException,
  InvalidRequestException,
  UnresolvedLinkException,
  ChecksumException,
  XAttrNotFoundException,
  AclException,
  AlreadyBeingCreatedException,
  RecoveryInProgressException,
  UnresolvedPathException,
  QuotaExceededException,
  NSQuotaExceededException,
  DSQuotaExceededException,
  QuotaByStorageTypeExceededException,
  SnapshotAccessControlException,
  SnapshotException,
  PathComponentTooLongException,
  MaxDirectoryItemsExceededException,
  UnregisteredNodeException,
  UnregisteredDatanodeException,
  UnsupportedActionException,
  SafeModeException,
  LeaseExpiredException,
  NotReplicatedYetException,
  RetryStartFileException,
  DisallowedDatanodeException,
  InvalidBlockReportLeaseException,
  IncorrectVersionException,
  ReplicaNotFoundException,
  StandbyException,
  RetriableException,
  ObserverRetryOnActiveException,
  RpcNoSuchMethodException,
  RpcNoSuchProtocolException,
  DiskOutOfSpaceException,
} = protocolExceptions

export { ProtocolException, type ProtocolExceptionInit } from './protocol-exception.ts'
