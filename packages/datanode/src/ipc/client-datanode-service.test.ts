import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientDatanodeHost, clientDatanodeService } from './client-datanode-service.ts'

// [old.recover.1]
test('recoverBlock, which a DataNode does in its own name, is there only where clients of Hadoop 1 are served', () => {
  const served = (recoverBlock: ClientDatanodeHost['recoverBlock']): boolean =>
    clientDatanodeService({ recoverBlock } as ClientDatanodeHost).methods.has('recoverBlock')
  assert.equal(served(undefined), false)
  assert.equal(
    served(() => Promise.resolve({ block: undefined })),
    true,
  )
})
