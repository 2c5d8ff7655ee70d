import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { HdfsClient } from '@cairn/hdfs-client'
import { patternBytes } from '@cairn/testkit'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Cluster, startCluster } from './index.ts'

/** Where distributions put it; CAIRN_CHROMIUM names another place. */
const places = [
  process.env.CAIRN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]
const executablePath = places.find((path) => path !== undefined && existsSync(path))
const missing =
  executablePath === undefined
    ? 'NO BROWSER: install chromium (apt-get install chromium), or set CAIRN_CHROMIUM'
    : false
if (missing) console.error(missing)

/** Pictures of the pages go here, for those who want to see them. */
const pictures = process.env.CAIRN_SCREENSHOTS

describe('the web page in a browser', { skip: missing }, () => {
  let cluster: Cluster
  let client: HdfsClient
  let browser: Browser
  let page: Page
  let downloads: string
  const problems: string[] = []
  const content = patternBytes(2_500_000)
  const evil = `<img src=x onerror=alert(1)>"'&?#%`

  before(async () => {
    cluster = await startCluster({ datanodes: 3, web: 0, conf: { 'dfs.blocksize': 1 << 20 } })
    client = await cluster.connect()
    await client.mkdir('/data/2026/november', { recursive: true })
    await client.mkdir('/user/ada', { recursive: true })
    await client.writeFile('/data/measurements.bin', content)
    await client.writeFile('/data/notes.txt', 'hello')
    await client.writeFile(`/data/${evil}`, 'evil')
    await client.mkdir('/many')
    await Promise.all(
      Array.from({ length: 620 }, (_, i) => client.mkdir(`/many/d${String(i).padStart(3, '0')}`)),
    )
    downloads = await mkdtemp(join(tmpdir(), 'cairn-web-'))
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1200, height: 850 }, acceptDownloads: true })
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(String(error)))
    if (pictures !== undefined) await mkdir(pictures, { recursive: true })
  })
  after(async () => {
    await browser?.close()
    await client?.close()
    await cluster?.close()
    if (downloads !== undefined) await rm(downloads, { recursive: true, force: true })
  })

  async function picture(name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
  }

  test('the overview shows three live DataNodes', async () => {
    await page.goto(cluster.webUrl!)
    assert.equal(await page.title(), 'Overview · Cairn')
    assert.equal(await page.locator('#datanodes tbody tr').count(), 3)
    assert.deepEqual(await page.locator('#datanodes .state').allTextContents(), ['live', 'live', 'live'])
    assert.ok((await page.locator('header').textContent())?.includes(cluster.url))
    assert.notEqual(await page.evaluate('getComputedStyle(document.body).fontFamily'), '')
    await picture('overview')
  })

  test('directories lead to files, and files to their bytes', async () => {
    await page.goto(cluster.webUrl!)
    await page.getByRole('link', { name: 'Files' }).click()
    await page.getByRole('link', { name: 'data/' }).click()
    await picture('directory')
    await page.getByRole('link', { name: 'measurements.bin' }).click()
    assert.equal(await page.locator('#blocks tbody tr').count(), 3)
    await picture('file')
    const waiting = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    const download = await waiting
    assert.equal(download.suggestedFilename(), 'measurements.bin')
    const path = join(downloads, 'measurements.bin')
    await download.saveAs(path)
    assert.deepEqual(await readFile(path), Buffer.from(content))
  })

  test('a name that is markup is shown as it is, and does nothing', async () => {
    await page.goto(`${cluster.webUrl}/browse/data`)
    const link = page.getByRole('link', { name: evil, exact: true })
    assert.equal(await link.textContent(), evil)
    await link.click()
    assert.equal(await page.locator('.crumbs b').textContent(), evil)
    assert.equal(await page.locator('main img').count(), 0)
  })

  test('a typed path and the pages of a large directory', async () => {
    await page.goto(`${cluster.webUrl}/browse/`)
    await page.getByLabel('Path').fill('/many')
    await page.getByRole('button', { name: 'Go' }).click()
    assert.equal(await page.locator('#entries tbody tr').count(), 500)
    await page.getByRole('link', { name: 'Next page' }).click()
    assert.equal(await page.locator('#entries tbody tr').count(), 120)
    await page.goto(`${cluster.webUrl}/browse/none`)
    assert.equal(await page.locator('h1').textContent(), 'Not found')
    // The browser itself reports answers that are errors; this one was asked for.
    problems.splice(0, problems.length, ...problems.filter((text) => !text.includes('404')))
  })

  test('small windows and dark ones have everything in view', async () => {
    for (const width of [360, 700]) {
      await page.setViewportSize({ width, height: 700 })
      for (const path of ['/', '/browse/data', '/browse/data/measurements.bin']) {
        await page.goto(cluster.webUrl + path)
        const overflow = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        assert.equal(overflow, 0, `${path} at ${width}`)
      }
      await picture(`small-${width}`)
    }
    await page.setViewportSize({ width: 1200, height: 850 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.goto(cluster.webUrl!)
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    assert.equal(background, 'rgb(20, 24, 26)')
    await picture('dark')
  })

  test('nothing was reported by the browser, and no dialog came up', () => {
    assert.deepEqual(problems, [])
  })
})
