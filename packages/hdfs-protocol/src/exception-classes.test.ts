import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RemoteException } from '@cairn/hadoop-rpc'
import * as classes from './exception-classes.ts'
import { type JavaExceptionName, javaExceptions } from './exceptions.ts'
import { ProtocolException } from './protocol-exception.ts'

test('every exception of the table has a class of its own below ProtocolException', () => {
  // Does not compile when the table has a name that is not exported.
  const exported: Readonly<Record<JavaExceptionName, unknown>> = classes
  for (const [name, javaClass] of Object.entries(javaExceptions) as [JavaExceptionName, string][]) {
    const made = classes.makeProtocolException(javaClass, 'no', { attempted: 'create /a', address: 'h:1' })
    const exception = classes.protocolExceptions[name]
    assert.ok(
      made instanceof exception && made instanceof ProtocolException && made instanceof RemoteException,
    )
    assert.equal(exported[name], exception)
    assert.equal(exception.javaClass, javaClass)
    assert.equal(made.javaClass, javaClass)
    assert.equal(made.constructor.name, name)
    assert.equal(made.name, name)
    assert.equal(made.errno, exception.errno)
    assert.equal(made.message, 'create /a: no')
    assert.equal(made.reason, 'no')
    assert.equal(made.address, 'h:1')
    assert.equal(new exception('no').javaClass, javaClass)
  }
  assert.equal(new Set(Object.values(classes.protocolExceptions)).size, Object.keys(javaExceptions).length)
})

test('subclasses are as in Java', () => {
  const quota = classes.makeProtocolException(javaExceptions.NSQuotaExceededException, 'x')
  assert.ok(quota instanceof classes.QuotaExceededException && quota instanceof classes.IOException)
  assert.ok(!(quota instanceof classes.DSQuotaExceededException))
  const path = classes.makeProtocolException(javaExceptions.InvalidPathException, 'x')
  assert.ok(path instanceof classes.IllegalArgumentException && !(path instanceof classes.IOException))
})

test('an unheard-of class is ProtocolException itself; text and trace stay apart', () => {
  const made = classes.makeProtocolException('com.example.Odd', 'Path is not a file: /d', {
    trace: '\n\tat A.b(C.java:1)',
  })
  assert.equal(made.constructor, ProtocolException)
  assert.equal(made.javaClass, 'com.example.Odd')
  assert.equal(made.message, 'Path is not a file: /d')
  assert.equal(made.errorMsg, 'Path is not a file: /d\n\tat A.b(C.java:1)')
  assert.equal(made.errno, 'EIO')
  const directory = classes.makeProtocolException(
    javaExceptions.FileNotFoundException,
    'Path is not a file: /d',
    {
      attempted: 'getBlockLocations /d',
    },
  )
  assert.equal(directory.errno, 'EISDIR')
})
