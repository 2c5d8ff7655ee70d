import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeHtml, html } from '@cairn/datanode/web'
import { directoryPage, pathUrl } from './browse-page.ts'
import { parseByteRange } from './byte-range.ts'
import { isOwnHost, parseRequestPath, parseTypedPath } from './request-path.ts'

test('html escapes every hole but Html', () => {
  const evil = `"><script>alert('1')</script>&`
  assert.equal(
    html`<a title="${evil}">${evil}</a>`.text,
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>',
  )
  assert.equal(html`${[html`<b>${'<'}</b>`, 'x', 1]}${undefined}`.text, '<b>&lt;</b>x1')
  assert.equal(escapeHtml('a\u202eb\u0000'), 'a\ufffdb\ufffd')
})

test('a directory page escapes names and encodes them in links', () => {
  const name = `<img src=x onerror=alert(1)>"'%/..`.replaceAll('/', '')
  const entry = {
    name,
    kind: 'file' as const,
    size: 1,
    mode: 0o644,
    owner: '<o>',
    group: '"g"',
    replication: 1,
    blockSize: 1,
    mtimeMs: 0,
  }
  const text = directoryPage({ path: '/<d>', entries: [entry], next: '<n>', remaining: 1 }).text
  assert.ok(!/<img|<o>|<d>|<n>/.test(text))
  assert.ok(text.includes(`href="/download/%3Cd%3E/${encodeURIComponent(name).replaceAll("'", '&#39;')}"`))
  assert.ok(text.includes('?after=%3Cn%3E'))
})

test('parseRequestPath decodes names and refuses what no path can be', () => {
  assert.deepEqual(pick('/browse/a%20b/c%2525'), ['browse', '/a b/c%25'])
  assert.deepEqual(pick('/'), ['', '/'])
  assert.deepEqual(pick('/browse//x/'), ['browse', '/x'])
  assert.deepEqual(pick('/browse/x?path=/y&a=1'), ['browse', '/x'])
  for (const target of [
    '/browse/../etc',
    '/browse/%2e%2e/etc',
    '/browse/a%2fb',
    '/browse/%00',
    '/browse/%ff',
    '/browse/%',
    '/browse/.',
    'http://x/',
    '',
  ]) {
    assert.equal(parseRequestPath(target), undefined, target)
  }
})

function pick(target: string): [string, string] | undefined {
  const found = parseRequestPath(target)
  return found && [found.section, found.path]
}

test('pathUrl and parseRequestPath are each other’s inverse', () => {
  for (const path of ['/', '/a', '/a b/ü/%2e/?#&;"\'<>/\u{1f600}', '/a:b@c']) {
    assert.deepEqual(pick(pathUrl('/browse', path)), ['browse', path])
  }
})

test('parseTypedPath takes what people type', () => {
  assert.equal(parseTypedPath('a/b/'), '/a/b')
  assert.equal(parseTypedPath(''), '/')
  assert.equal(parseTypedPath('/a/../b'), undefined)
})

test('parseByteRange reads one range and passes over the rest', () => {
  assert.deepEqual(parseByteRange('bytes=0-4', 10), { start: 0, end: 4 })
  assert.deepEqual(parseByteRange('bytes=5-', 10), { start: 5, end: 9 })
  assert.deepEqual(parseByteRange('bytes=5-99', 10), { start: 5, end: 9 })
  assert.deepEqual(parseByteRange('bytes=-3', 10), { start: 7, end: 9 })
  assert.deepEqual(parseByteRange('bytes=-30', 10), { start: 0, end: 9 })
  for (const header of [undefined, 'bytes=-', 'bytes=4-2', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b']) {
    assert.equal(parseByteRange(header, 10), 'whole', header)
  }
  for (const [header, size] of [
    ['bytes=10-', 10],
    ['bytes=-0', 10],
    ['bytes=0-0', 0],
    ['bytes=-1', 0],
  ] as const) {
    assert.equal(parseByteRange(header, size), 'unsatisfiable', header)
  }
})

test('isOwnHost takes addresses, localhost and the own name, and no other name', () => {
  for (const host of ['127.0.0.1:9870', 'localhost', '[::1]:9870', 'LOCALHOST:1', 'nn.example:1']) {
    assert.ok(isOwnHost(host, 'nn.example'), host)
  }
  for (const host of [undefined, 'evil.example', '127.0.0.1.evil.example', 'localhost.evil', '[::1].evil']) {
    assert.ok(!isOwnHost(host, '127.0.0.1'), host)
  }
})
