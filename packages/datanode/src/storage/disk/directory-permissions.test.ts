import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLogger } from '../../logger.ts'
import { DataStorage } from '../data-storage.ts'

test('nobody else may look into a storage directory, new or found, unless told', async () => {
  const root = mkdtempSync(join(tmpdir(), 'cairn-dn-permissions-'))
  const open = async (dir: string, dirPermissions?: number): Promise<number> => {
    const common = { logger: silentLogger, now: Date.now, newUuid: randomUUID }
    await new DataStorage({ dirs: [dir], dirPermissions, ...common }).close()
    return statSync(dir).mode & 0o777
  }
  assert.equal(await open(join(root, 'new')), 0o700)
  const found = join(root, 'found')
  mkdirSync(found)
  chmodSync(found, 0o755)
  assert.equal(await open(found), 0o700)
  assert.equal(await open(found, 0o750), 0o750)
  rmSync(root, { recursive: true, force: true })
})
