import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noRpcIds } from '@cairn/hdfs-storage'
import { setOwner, setPermission } from '../operations/attributes.ts'
import { deletePath } from '../operations/delete.ts'
import { rename } from '../operations/rename.ts'
import { type CoreWithDatanodes, coreWithDatanodes, writeFile } from '../testing/core-with-datanodes.ts'

/** `/open` is everybody's; `/open/ada` and the file in it are ada's, `/trash` is everybody's. */
function cluster(): CoreWithDatanodes {
  const made = coreWithDatanodes(1)
  const { core, root } = made
  writeFile(made, '/open/ada/file', [])
  writeFile(made, '/trash/x', [])
  for (const path of ['/open', '/trash']) setPermission(core, root, path, 0o777)
  setOwner(core, root, '/open/ada', 'ada', undefined)
  return made
}

function remove({ core }: CoreWithDatanodes, user: string, src: string, recursive = true): boolean {
  return deletePath(core, core.callers.of(user, 0), { src, recursive, rpcIds: noRpcIds })
}

function move({ core }: CoreWithDatanodes, user: string, toTrash: boolean): void {
  const request = { src: '/open/ada', dst: '/trash/ada', overwrite: false, toTrash, rpcIds: noRpcIds }
  rename(core, core.callers.of(user, 0), request)
}

const notBobs = {
  javaClass: 'org.apache.hadoop.security.AccessControlException',
  message: 'Permission denied: user=bob, access=ALL, inode="/open/ada":ada:supergroup:drwxr-xr-x',
}

describe('who may remove', () => {
  it('asks for every directory below, not for the files', () => {
    assert.throws(() => remove(cluster(), 'bob', '/open/ada'), notBobs)
    assert.equal(remove(cluster(), 'ada', '/open/ada'), true)
  })

  it('asks before it looks whether the directory is empty, and where nothing is', () => {
    assert.throws(() => remove(cluster(), 'bob', '/open/ada', false), notBobs)
    assert.throws(() => remove(cluster(), 'bob', '/open/ada/none'), { message: /access=WRITE/ })
    assert.equal(remove(cluster(), 'bob', '/open/none'), false)
  })

  it('heeds sticky bits below, too', () => {
    const made = cluster()
    setOwner(made.core, made.root, '/open/ada', 'root', undefined)
    setPermission(made.core, made.root, '/open/ada', 0o1777)
    assert.throws(() => remove(made, 'bob', '/open/ada'), {
      message:
        'Permission denied by sticky bit: user=bob, path="/open/ada/file":root:supergroup:-rw-r--r--, parent="/open/ada":root:supergroup:drwxrwxrwt',
    })
  })

  it('asks the same of what goes to the trash, and less of other moves', () => {
    assert.throws(() => move(cluster(), 'bob', true), notBobs)
    move(cluster(), 'bob', false)
    move(cluster(), 'ada', true)
  })
})
