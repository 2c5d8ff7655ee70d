// The website in a real browser: npm run site && npm run test:site
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { chromium } from 'playwright-core'
import { root } from './build.mjs'
import { brokenLinks, serveSite } from './site.mjs'

const places = [
  process.env.CAIRN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const executablePath = places.find((path) => path !== undefined && existsSync(path))
const missing = executablePath === undefined ? 'NO BROWSER: install chromium, or set CAIRN_CHROMIUM' : false
if (missing) console.error(missing)
const pictures = process.env.CAIRN_SCREENSHOTS

test('no link of the pages leads nowhere', () => {
  assert.deepEqual(brokenLinks(), [])
})

describe('the website in a browser', { skip: missing }, () => {
  let server
  let browser
  let page
  let origin
  const problems = []
  const elsewhere = []

  before(async () => {
    server = await serveSite()
    origin = `http://127.0.0.1:${server.address().port}`
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`) && !/^(data|blob):/.test(request.url()))
        elsewhere.push(request.url())
    })
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`)
    })
    page.on('pageerror', (error) => problems.push(String(error)))
  })
  after(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
  })

  const open = (path) => page.goto(`${origin}/${path}`)
  const picture = async (name) => {
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `site-${name}.png`), fullPage: false })
  }
  const put = async (text) => {
    await page.getByLabel('Bytes').fill(text)
    return (await page.locator('#verdict').textContent()) ?? ''
  }

  test('the first page leads to the specification, and that through its chapters', async () => {
    await open('')
    await picture('home')
    await page.getByRole('navigation', { name: 'Parts' }).getByRole('link', { name: 'Petrichor' }).click()
    assert.match(await page.title(), /Petrichor, and how to implement it/)
    await page.getByRole('main').getByRole('link', { name: 'Values', exact: true }).click()
    assert.equal(await page.locator('h1').textContent(), '1. Values')
    await picture('chapter')
  })

  test('code is shown in the language that was chosen, on every page, or side by side', async () => {
    await open('petrichor/messages/')
    const shown = () => page.locator('.languages figure:visible figcaption').allTextContents()
    await page.getByRole('button', { name: 'Python' }).first().click()
    assert.deepEqual(new Set(await shown()), new Set(['Python']))
    await open('petrichor/values/')
    assert.deepEqual(new Set(await shown()), new Set(['Python']))
    await page.getByRole('button', { name: 'Side by side' }).first().click()
    assert.deepEqual(new Set(await shown()), new Set(['TypeScript', 'Python', 'C']))
    await picture('side-by-side')
  })

  test('the rules and the vectors stand as appendices', async () => {
    await open('petrichor/values/')
    await page.getByRole('link', { name: '[tns.size.1]' }).first().click()
    await page.waitForURL(/rules\/tnetstrings\/#tns\.size\.1$/)
    assert.equal(await page.locator('[id="tns.size.1"]').textContent(), '[tns.size.1]')
    await open('petrichor/vectors/')
    assert.ok((await page.locator('table').count()) >= 4)
    await page.getByRole('link', { name: '353a68656c6c', exact: true }).click()
    await page.locator('#verdict.bad').waitFor()
    assert.match((await page.locator('#verdict').textContent()) ?? '', /ERR_TNS_TRUNCATED/)
  })

  test('the decoder shows values as a tree', async () => {
    await open('decoder/')
    assert.match(await put('13:4:user,3:zed,}5:hello,'), /^2 values, 25 bytes, all good$/)
    const tree = page.locator('#tree')
    assert.match((await tree.textContent()) ?? '', /header 1.*"user".*bytes 3.*"zed".*body.*"hello"/)
    await picture('decoder')
    assert.match(await put('24:5:12345#5:67890#5:xxxxx,]'), /^1 value/)
    assert.match((await tree.textContent()) ?? '', /list 3.*12345.*67890/)
    assert.match(await put('20:18446744073709551616#'), /all good/)
    assert.match((await tree.textContent()) ?? '', /18446744073709551616/)
  })

  test('the decoder is the real codec: it agrees with every vector', async () => {
    await open('decoder/')
    await page.getByLabel('hexadecimal').check()
    const { accept, reject, lenient } = JSON.parse(
      readFileSync(join(root, 'petrichor/vectors/petrichor.json'), 'utf8'),
    )
    for (const { hex } of accept) assert.match(await put(hex), /^1 value, .*all good$/, hex)
    for (const { hex, code, offset } of reject) {
      if (hex === '' || code === 'ERR_TNS_TRAILING') continue
      const said = await put(hex)
      assert.ok(said.includes(`${code}: `) && said.endsWith(`(at byte ${offset})`), `${hex}: ${said}`)
      assert.equal(await page.locator('#bytes .wrong').count(), 1, hex)
    }
    await page.getByLabel('strict').check()
    for (const { hex, code } of lenient) assert.match(await put(hex), new RegExp(code), hex)
  })

  test('the decoder takes files, and says what is wrong with hexadecimal', async () => {
    await open('decoder/')
    const buffer = Buffer.concat([Buffer.from('100000:'), Buffer.alloc(100_000, 'x'), Buffer.from(',0:?')])
    await page
      .getByLabel('or a file')
      .setInputFiles({ name: 'x', mimeType: 'application/octet-stream', buffer })
    await page.locator('#verdict.bad').waitFor()
    assert.match((await page.locator('#verdict').textContent()) ?? '', /^1 value, then ERR_TNS_TYPE/)
    await page.getByLabel('hexadecimal').check()
    assert.match(await put('30 3a 7'), /half a byte/)
    assert.match(await put('zz'), /no hexadecimal digit/)
  })

  test('the API reference has the packages, each export with its words', async () => {
    await open('api/index.html')
    await page.getByRole('link', { name: 'petrichor/src', exact: true }).first().waitFor()
    await open('api/functions/petrichor_src.connectAllowed.html')
    assert.match(
      (await page.getByRole('main').or(page.locator('.col-content')).first().textContent()) ?? '',
      /allowed/,
    )
    await picture('api')
  })

  test('the search finds a heading', async () => {
    await open('cairn/')
    await page.getByLabel('Search the headings').fill('number up to a colon')
    await page.locator('#found a').first().click()
    await page.waitForURL(/petrichor\/values\/#a-number-up-to-a-colon$/)
  })

  test('on a phone nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    const wide = []
    for (const path of [
      '',
      'petrichor/',
      'petrichor/values/',
      'petrichor/vectors/',
      'decoder/',
      'cairn/',
      'api/index.html',
    ]) {
      await open(path)
      const over = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      if (over > 0) wide.push(`${path}: ${over}`)
      await picture(`phone-${path.replaceAll('/', '-')}`)
    }
    assert.deepEqual(wide, [])
    await open('petrichor/')
    await page.locator('.contents summary').click()
    await page.locator('.contents').getByRole('link', { name: '2. Messages' }).click()
    assert.equal(await page.locator('h1').textContent(), '2. Messages')
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  test('dark rooms get a dark page', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await open('')
    assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(20, 24, 26)')
    await page.emulateMedia({ colorScheme: 'light' })
  })

  test('nothing was asked of any other host, and the browser had nothing to complain about', () => {
    assert.deepEqual(elsewhere, [])
    assert.deepEqual(problems, [])
  })
})
