import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import { RemoteException } from '@cairn/hadoop-rpc'
import { javaExceptions } from '@cairn/hdfs-protocol'
import { NamenodeError } from '../namenode/namenode-error.ts'
import { HdfsFileError, throwFileError } from './file-error.ts'

function caught(error: unknown, syscall: string, path?: string, dest?: string): unknown {
  try {
    throwFileError(error, syscall, path, dest)
  } catch (thrown) {
    return thrown
  }
}

test('HdfsFileError has the fields and the text of an error of node:fs', async () => {
  const path = '/no/such/file/here'
  const nodes = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  assert.ok(nodes instanceof Error)
  const ours = new HdfsFileError('ENOENT', 'stat', { path })
  assert.equal(ours.message, nodes.message)
  assert.deepEqual(
    [ours.errno, ours.code, ours.syscall, ours.path],
    [nodes.errno, nodes.code, nodes.syscall, nodes.path],
  )
  assert.equal(String(ours), String(nodes))
})

test('throwFileError turns exceptions of the NameNode into codes and keeps them as cause', () => {
  const remote = new RemoteException(javaExceptions.AccessControlException, 'Permission denied: user=a')
  const error = caught(remote, 'rename', '/a', '/b')
  assert.ok(error instanceof HdfsFileError)
  assert.equal(error.message, "EACCES: permission denied, rename '/a' -> '/b'")
  assert.equal(error.cause, remote)
  assert.equal(error.dest, '/b')
})

test('throwFileError tells texts of one class apart', () => {
  const cases: readonly (readonly [keyof typeof javaExceptions, string, string])[] = [
    ['FileNotFoundException', 'File does not exist: /a', 'ENOENT'],
    ['FileNotFoundException', 'Path is not a file: /a', 'EISDIR'],
    ['IOException', 'rename destination directory is not empty: /b', 'ENOTEMPTY'],
    ['IOException', 'Rename destination /a/b is a directory or file under source /a', 'EINVAL'],
    ['IOException', 'could only be written to 0 of the 1 minReplication nodes', 'ENOSPC'],
    ['IOException', 'something else', 'EIO'],
  ]
  for (const [name, text, code] of cases) {
    const error = caught(new RemoteException(javaExceptions[name], text), 'open', '/a')
    assert.equal((error as HdfsFileError).code, code, text)
  }
})

test('throwFileError adds the Java text where the code alone says too little', () => {
  const error = caught(new RemoteException('org.example.Odd', 'first line\nsecond'), 'open', '/a')
  assert.equal((error as Error).message, "EIO: i/o error, open '/a': first line")
})

test('throwFileError makes safe mode EROFS with the address and the way out', () => {
  const cause = new RemoteException(javaExceptions.SafeModeException, 'Name node is in safe mode.')
  const error = caught(
    new NamenodeError('ERR_HDFS_SAFE_MODE', 'the NameNode nn:1 is in safe mode; wait', { cause }),
    'mkdir',
    '/a',
  )
  assert.ok(error instanceof HdfsFileError)
  assert.equal(error.code, 'EROFS')
  assert.match(error.message, /^EROFS: read-only file system, mkdir '\/a': .*nn:1.*wait/)
  assert.equal(error.cause, cause)
})

test('throwFileError passes other errors through', () => {
  const error = new Error('x')
  assert.equal(caught(error, 'open'), error)
})
