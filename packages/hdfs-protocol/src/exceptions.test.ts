import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errnoOfJavaClass, javaExceptions as java } from './exceptions.ts'

test('errnoOfJavaClass gives the code of the class', () => {
  const cases = [
    [java.FileNotFoundException, 'File does not exist: /a', 'ENOENT'],
    [java.AccessControlException, 'Permission denied: user=a, access=WRITE', 'EACCES'],
    [java.FileAlreadyExistsException, '/a for client 127.0.0.1 already exists', 'EEXIST'],
    [java.PathIsNotEmptyDirectoryException, "`/a is non empty': Directory is not empty", 'ENOTEMPTY'],
    [java.ParentNotDirectoryException, '/a (is not a directory)', 'ENOTDIR'],
    [java.SafeModeException, 'Cannot create file/a. Name node is in safe mode.', 'EROFS'],
    [java.NSQuotaExceededException, '', 'EDQUOT'],
    [java.AlreadyBeingCreatedException, '', 'EBUSY'],
    [java.LeaseExpiredException, '', 'ESTALE'],
    [java.StandbyException, '', 'EAGAIN'],
    [java.RpcNoSuchMethodException, '', 'ENOSYS'],
    ['com.example.Unheard', '', 'EIO'],
  ] as const
  for (const [javaClass, message, errno] of cases) {
    assert.equal(errnoOfJavaClass(javaClass, message), errno, javaClass)
  }
})

test('errnoOfJavaClass looks at the text where the class says too little', () => {
  const cases = [
    [java.FileNotFoundException, 'Path is not a file: /dir', 'EISDIR'],
    [java.FileAlreadyExistsException, '/dir already exists as a directory', 'EISDIR'],
    [java.IOException, 'File /a could only be written to 0 of the 1 minReplication nodes.', 'ENOSPC'],
    [java.IOException, 'rename destination directory is not empty: /b', 'ENOTEMPTY'],
    [java.IOException, 'rename source /a and destination /b must both be directories', 'ENOTDIR'],
    // Hadoop 1 [client1.error.1]
    [java.IOException, 'failed to create file /a on client 1.2.3.4 either because the file exists', 'EEXIST'],
    [java.IOException, 'Cannot create /dir; already exists as a directory', 'EISDIR'],
    [java.IOException, 'failed to append to directory /dir on client', 'EISDIR'],
    [java.IOException, 'Unknown file: /none', 'ENOENT'],
    [java.IOException, 'Invalid directory name: /a:b', 'EINVAL'],
    [java.IOException, 'file /a.\nRequested replication 600 exceeds maximum 512', 'EINVAL'],
    [java.IOException, 'Append is not supported. Please see the dfs.support.append', 'ENOTSUP'],
    [java.IOException, 'something else', 'EIO'],
  ] as const
  for (const [javaClass, message, errno] of cases) {
    assert.equal(errnoOfJavaClass(javaClass, message), errno, message)
  }
})
