import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compileComponent,
  compileName,
  expandBraces,
  hasWildcard,
  isPattern,
  unescapeName,
} from './glob-pattern.ts'

test('compileComponent matches names as Hadoop does', () => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ['*', ['a', '.hidden', ''], ['a/b']],
    ['*.txt', ['a.txt', '.txt'], ['a.txt2', 'atxt']],
    ['a?c', ['abc', 'a.c'], ['ac', 'a/c', 'abbc']],
    ['[a-c]x', ['ax', 'bx', 'cx'], ['dx', '-x']],
    ['[^a-c]x', ['dx', '-x'], ['ax', '/x']],
    ['[!a]', ['b'], ['a', '/']],
    ['[]a]', [']', 'a'], ['b']],
    ['[a-]', ['a', '-'], ['b']],
    ['\\*', ['*'], ['a']],
    ['a+(b)|c', ['a+(b)|c'], ['aab', 'c']],
    ['dir^$', ['dir^$'], ['dir']],
    ['ü?', ['ü𝄞'], ['ü']],
  ]
  for (const [pattern, yes, no] of cases) {
    const test = compileComponent(pattern)
    for (const name of yes) assert.ok(test.test(name), `${pattern} should match ${name}`)
    for (const name of no) assert.ok(!test.test(name), `${pattern} should not match ${name}`)
  }
})

test('expandBraces takes alternatives apart, also nested and over slashes', () => {
  assert.deepEqual(expandBraces('/a/{b,c}/d'), ['/a/b/d', '/a/c/d'])
  assert.deepEqual(expandBraces('{a/b,c}x{1,2}'), ['a/bx1', 'a/bx2', 'cx1', 'cx2'])
  assert.deepEqual(expandBraces('{a,{b,c}d}'), ['a', 'bd', 'cd'])
  assert.deepEqual(expandBraces('{,x}y'), ['y', 'xy'])
  assert.deepEqual(expandBraces('\\{a,b}'), ['\\{a,b}'])
  assert.deepEqual(expandBraces('{a,b'), ['{a,b'])
  assert.throws(() => expandBraces('{a,b}'.repeat(20)), { name: 'UsageError' })
})

test('a set that is never closed is the user’s mistake', () => {
  assert.throws(() => compileComponent('[abc'), { name: 'UsageError' })
})

test('isPattern, hasWildcard and unescapeName agree on backslashes', () => {
  assert.equal(isPattern('/a/b'), false)
  assert.equal(isPattern('/a\\*b'), true)
  assert.equal(hasWildcard('a\\*b'), false)
  assert.equal(hasWildcard('a*b'), true)
  assert.equal(unescapeName('a\\*b'), 'a*b')
})

test('compileName takes braces and flags', () => {
  assert.ok(compileName('*.{TXT,md}', 'i').test('a.txt'))
  assert.ok(!compileName('*.{TXT,md}').test('a.txt'))
})
