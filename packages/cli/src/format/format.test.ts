import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMode, formatOctal, parseMode } from './mode.ts'
import { formatSeconds, formatSize, parseSize } from './size.ts'
import { formatTable, wrap } from './table.ts'
import { formatLocalMinute, formatUtcSecond, parseTime } from './time.ts'

test('formatSize writes what hdfs dfs -h writes', () => {
  assert.equal(formatSize(0), '0')
  assert.equal(formatSize(1023), '1023')
  assert.equal(formatSize(300000), '293.0 K')
  assert.equal(formatSize(270553174016), '252.0 G')
  assert.equal(formatSize(326961), '319.3 K')
  assert.equal(formatSize(1024 ** 6), '1 E')
  assert.equal(formatSize(7 * 1024), '7 K')
  assert.equal(formatSize(-1100), '-1.1 K')
  // 1023.95 is not written as 1024.0.
  assert.equal(formatSize(1024 ** 2 - 1), '1.0 M')
  assert.equal(formatSize(1_048_524), '1023.9 K')
})

test('parseSize reads units and refuses the rest', () => {
  assert.equal(parseSize('10'), 10)
  assert.equal(parseSize('64K'), 65536)
  assert.equal(parseSize('1.5g'), 1.5 * 1024 ** 3)
  assert.equal(parseSize('128MiB'), 128 * 1024 ** 2)
  for (const text of ['', 'x', '-1', '1e3', '1 2', '99999E']) assert.equal(parseSize(text), undefined)
})

test('formatSeconds grows with the time', () => {
  assert.equal(formatSeconds(7.4), '0:07')
  assert.equal(formatSeconds(754), '12:34')
  assert.equal(formatSeconds(3723), '1:02:03')
  assert.equal(formatSeconds(Number.POSITIVE_INFINITY), '-:--')
})

test('modes are written as ls writes them', () => {
  assert.equal(formatMode(0o644), 'rw-r--r--')
  assert.equal(formatMode(0o1777), 'rwxrwxrwt')
  assert.equal(formatMode(0o1776), 'rwxrwxrwT')
  assert.equal(formatOctal(0o1777), '1777')
  assert.equal(formatOctal(0o640), '640')
})

test('parseMode reads octal and symbols', () => {
  const cases: [text: string, from: number, isDirectory: boolean, to: number][] = [
    ['755', 0o644, false, 0o755],
    ['1777', 0, true, 0o1777],
    ['u=rwx,g-w,o=X', 0o664, false, 0o740],
    ['o=X', 0o644, false, 0o640],
    ['+x', 0o644, false, 0o755],
    ['-w', 0o666, false, 0o444],
    ['a+X', 0o644, false, 0o644],
    ['a+X', 0o644, true, 0o755],
    ['u-x+w', 0o544, false, 0o644],
    ['+t', 0o777, true, 0o1777],
    ['-t', 0o1777, true, 0o777],
    ['g=', 0o777, false, 0o707],
  ]
  for (const [text, from, isDirectory, to] of cases) {
    assert.equal(parseMode(text)(from, isDirectory).toString(8), to.toString(8), text)
  }
  for (const text of ['', '8', '9999', 'u', 'u+q', '77', 'u=r;']) {
    assert.throws(() => parseMode(text), { name: 'CommandError' }, text)
  }
})

test('times are read and written', () => {
  assert.equal(formatUtcSecond(1795272599197), '2026-11-21 14:49:59')
  const local = new Date(2026, 0, 31, 9, 5, 59).getTime()
  assert.equal(formatLocalMinute(local), '2026-01-31 09:05')
  assert.equal(parseTime('20260131:090559'), local)
  assert.equal(parseTime('2026-11-21T14:49:59Z'), 1795272599000)
  for (const text of ['20261331:000000', '20260230:000000', '20260101:000060', 'now', '2026']) {
    assert.equal(parseTime(text), undefined, text)
  }
})

test('formatTable aligns columns and leaves no spaces at line ends', () => {
  assert.equal(
    formatTable(
      [
        ['a', '1', 'x'],
        ['bcd', '22', ''],
      ],
      ['left', 'right', 'left'],
    ),
    'a     1  x\nbcd  22\n',
  )
})

test('wrap keeps within the width', () => {
  assert.equal(wrap('aa bb cc', 6, ' '), ' aa bb\n cc')
})
