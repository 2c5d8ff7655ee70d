import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import type { HdfsClient } from '@cairn/hdfs-client'
import { type Cluster, startCluster } from '../index.ts'

/** Names that would be markup, a path, a query or a header if anything forgot to escape. */
const evilNames = [
  `<script>alert(1)`,
  `<img src=x onerror=alert(1)>`,
  `"onmouseover="alert(1)`,
  `a?b#c&d=e`,
  `%2e%2e`,
  `back\\slash`,
  `line\nbreak`,
  `ü 𝄞`,
]

describe('the web page', () => {
  let cluster: Cluster
  let client: HdfsClient
  let base: string
  const content = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 253)

  before(async () => {
    cluster = await startCluster({ web: 0, conf: { 'dfs.blocksize': 1 << 20 } })
    client = await cluster.connect()
    base = cluster.webUrl!
    await client.mkdir('/data/sub', { recursive: true })
    await client.writeFile('/data/content.bin', content)
    await client.writeFile('/data/empty', '')
    for (const name of evilNames) await client.writeFile(`/data/${name}`, name)
    await client.mkdir('/private', { mode: 0o700 })
  })
  after(async () => {
    await client.close()
    await cluster.close()
  })

  test('every answer forbids scripts, frames and foreign sources', async () => {
    for (const path of [
      '/',
      '/browse/',
      '/browse/data',
      '/none',
      '/download/data/content.bin',
      '/metrics',
      '/api/status',
    ]) {
      const { headers, body } = await fetch(base + path)
      assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'/, path)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      await body?.cancel()
    }
  })

  test('the overview has the cluster’s numbers', async () => {
    const text = await (await fetch(base)).text()
    assert.match(text, new RegExp(cluster.url))
    assert.match(text, /1 of 1/)
    assert.ok(text.includes(`${cluster.datanodes[0]!.address.port}`))
    assert.ok(!text.includes('<script'))
  })

  test('names never become markup, and their links lead to the file', async () => {
    const text = await (await fetch(`${base}/browse/data`)).text()
    assert.ok(!/<script|<img|"onmouseover/.test(text))
    const links = [...text.matchAll(/href="(\/download[^"]*)"/g)].map(([, href]) =>
      href!.replaceAll('&#39;', "'"),
    )
    assert.equal(links.length, evilNames.length + 2)
    for (const name of evilNames) {
      const response = await fetch(`${base}/download/data/${encodeURIComponent(name)}`)
      assert.equal(await response.text(), name)
      assert.match(
        response.headers.get('content-disposition') ?? '',
        /^attachment; filename="[\w.-]*"; filename\*=UTF-8''[\w.%~-]+$/,
      )
      assert.equal(response.headers.get('content-type'), 'application/octet-stream')
      assert.ok(
        (await (await fetch(`${base}/browse/data/${encodeURIComponent(name)}`)).text()).includes('Blocks'),
      )
    }
  })

  test('a download is whole, by range, or by header only', async () => {
    const url = `${base}/download/data/content.bin`
    const whole = await fetch(url)
    assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), content)
    const etag = whole.headers.get('etag')!
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1048575-1048577', 1_048_575, 1_048_578],
      ['bytes=2999990-', 2_999_990, 3_000_000],
      ['bytes=-5', 2_999_995, 3_000_000],
    ] as const) {
      const part = await fetch(url, { headers: { range, 'if-range': etag } })
      assert.equal(part.status, 206)
      assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/3000000`)
      assert.deepEqual(new Uint8Array(await part.arrayBuffer()), content.slice(from, to))
    }
    assert.equal((await fetch(url, { headers: { range: 'bytes=3000000-' } })).status, 416)
    const stale = await fetch(url, { headers: { range: 'bytes=0-0', 'if-range': '"old"' } })
    assert.equal(stale.status, 200)
    await stale.body?.cancel()
    assert.equal((await fetch(url, { headers: { 'if-none-match': etag } })).status, 304)
    const head = await fetch(url, { method: 'HEAD' })
    assert.equal(head.headers.get('content-length'), '3000000')
    assert.equal((await fetch(`${base}/download/data/empty`)).headers.get('content-length'), '0')
  })

  test('a browser that goes away leaves nothing open', async () => {
    for (let i = 0; i < 5; i++) {
      const controller = new AbortController()
      const response = await fetch(`${base}/download/data/content.bin`, { signal: controller.signal })
      await response.body!.getReader().read()
      controller.abort()
    }
    assert.equal((await fetch(base)).status, 200)
  })

  test('paths that are none, missing or private get their own answers', async () => {
    assert.equal((await fetch(`${base}/browse/none`)).status, 404)
    assert.equal((await fetch(`${base}/download/none`)).status, 404)
    assert.equal((await fetch(`${base}/download/data`)).status, 404)
    assert.equal((await fetch(`${base}/browse/private`)).status, 403)
    assert.equal((await fetch(`${base}/browse?path=/data/../x`)).status, 400)
    assert.equal((await fetch(`${base}/`, { method: 'POST' })).status, 405)
    const typed = await fetch(`${base}/browse?path=data/sub/`, { redirect: 'manual' })
    assert.deepEqual([typed.status, typed.headers.get('location')], [303, '/browse/data/sub'])
    // fetch() would tidy these up before they are sent.
    for (const path of [
      '/browse/../../etc/passwd',
      '/download/%2e%2e/%2e%2e/etc/passwd',
      '/browse/a%2fb',
      '/download/%00',
      '//x',
    ]) {
      assert.ok([400, 404].includes(await statusOf(base, path)), path)
    }
  })

  test('a foreign host name is refused', async () => {
    assert.equal(await statusOf(base, '/', 'evil.example'), 421)
    assert.equal(await statusOf(base, '/', 'localhost:1'), 200)
  })

  test('a large directory comes in pages', async () => {
    await client.mkdir('/many')
    const names = Array.from({ length: 1_203 }, (_, i) => `f${String(i).padStart(4, '0')}`)
    for (let i = 0; i < names.length; i += 100) {
      await Promise.all(names.slice(i, i + 100).map((name) => client.mkdir(`/many/${name}`)))
    }
    const seen: string[] = []
    for (let next: string | undefined = '/browse/many'; next !== undefined; ) {
      const text: string = await (await fetch(base + next)).text()
      seen.push(...[...text.matchAll(/>(f\d{4})\/</g)].map(([, name]) => name!))
      next = /href="([^"]*\?after=[^"]*)"/.exec(text)?.[1]
    }
    assert.deepEqual(seen, names)
  })

  test('/api/status and /metrics tell the same', async () => {
    const status = (await (await fetch(`${base}/api/status`)).json()) as { namenode: { files: number } }
    const metrics = await (await fetch(`${base}/metrics`)).text()
    assert.match(metrics, new RegExp(`^cairn_files ${status.namenode.files}$`, 'm'))
    assert.match(metrics, /^cairn_datanodes\{state="live"\} 1$/m)
    assert.match(metrics, /^process_resident_memory_bytes \d+$/m)
  })
})

function statusOf(base: string, path: string, host?: string): Promise<number> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host }
    request({ hostname, port, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
