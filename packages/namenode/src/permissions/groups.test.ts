import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseGroups, staticGroups, systemGroups } from './groups.ts'

test('parseGroups puts the primary group first and adds memberships once', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/sh\nalice:x:1000:100::/home/alice:/bin/sh\nbob:x:1001:999::/:/bin/sh\n'
  const group = 'root:x:0:\nusers:x:100:alice,bob\nwheel:x:10:alice\nghosts:x:11:casper\n'
  const groups = parseGroups(passwd, group)
  assert.deepEqual(groups.get('root'), ['root'])
  assert.deepEqual(groups.get('alice'), ['users', 'wheel'])
  assert.deepEqual(groups.get('bob'), ['users'])
  assert.deepEqual(groups.get('casper'), ['ghosts'])
  assert.equal(groups.get('nobody'), undefined)
})

test('parseGroups makes nothing of garbage', () => {
  assert.equal(parseGroups('', '').size, 0)
  assert.equal(parseGroups('x\n\n', 'y\n:').size, 0)
})

test('staticGroups falls back for users that it does not list', () => {
  const groupsOf = staticGroups({ alice: ['staff'] }, () => ['others'])
  assert.deepEqual(groupsOf('alice'), ['staff'])
  assert.deepEqual(groupsOf('bob'), ['others'])
  assert.deepEqual(groupsOf('__proto__'), ['others'])
})

test('systemGroups answers nobody where the files are missing', () => {
  assert.deepEqual(systemGroups({ passwd: '/nonexistent/passwd', group: '/nonexistent/group' })('root'), [])
})
