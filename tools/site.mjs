// The website: node tools/site.mjs build | serve [PORT] | test
import { createReadStream, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { build, root } from './build.mjs'
import { run } from './petrichor.mjs'

const folder = join(root, 'site')
const output = join(folder, '_site')
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
}

/** Builds the packages, then the pages of `site/` and the API reference from the sources. */
function buildSite() {
  build()
  // Its own dependencies: what ships must not wait for what only draws pages, and TypeDoc needs a TypeScript with an API.
  if (!existsSync(join(folder, 'node_modules'))) {
    run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder })
  }
  rmSync(output, { recursive: true, force: true })
  run(process.execPath, [join(folder, 'node_modules/@11ty/eleventy/cmd.cjs'), '--quiet'], { cwd: folder })
  run(process.execPath, [join(folder, 'node_modules/typedoc/bin/typedoc'), '--logLevel', 'Error'], {
    cwd: folder,
  })
}

/** Serves what was built, to this machine only. Answers the server when it listens. */
export function serveSite(port = 0) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname))
    let file = join(output, path)
    if (!file.startsWith(output) || !existsSync(file)) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
      return
    }
    if (statSync(file).isDirectory()) file = join(file, 'index.html')
    const type = types[extname(file)] ?? 'application/octet-stream'
    // The pages need nothing from elsewhere, and say so to the browser.
    const policy =
      "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:"
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

function* pages(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) yield* pages(path)
    else if (entry.name.endsWith('.html')) yield path
  }
}

/** Links of our own pages that lead nowhere; the API reference checks its own. */
export function brokenLinks() {
  const broken = []
  for (const page of pages(output)) {
    if (page.startsWith(join(output, 'api'))) continue
    for (const [, target] of readFileSync(page, 'utf8').matchAll(/(?:href|src)="([^"]+)"/g)) {
      if (/^https?:/.test(target)) continue
      const [path, anchor] = target.replaceAll('&amp;', '&').split('#')
      let file = path === '' ? page : join(page, '..', path)
      if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
      if (!existsSync(file)) broken.push(`${page}: ${target}`)
      else if (
        anchor &&
        !file.includes('/decoder/') &&
        !readFileSync(file, 'utf8').includes(`id="${anchor}"`)
      )
        broken.push(`${page}: ${target} has no such place`)
    }
  }
  return broken
}

const [command, ...rest] = process.argv[1] === join(root, 'tools', 'site.mjs') ? process.argv.slice(2) : []
if (command === 'build') buildSite()
else if (command === 'serve') {
  const port = Number(rest.at(-1) ?? 8080)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`npm run site:serve -- [--port] PORT: '${rest.join(' ')}' names no port`)
    process.exit(2)
  }
  if (!existsSync(output)) buildSite()
  const server = await serveSite(port)
  console.log(`http://127.0.0.1:${server.address().port}/`)
} else if (command === 'test') {
  if (!existsSync(output)) buildSite()
  run(process.execPath, ['--test', '--test-timeout=120000', join(root, 'tools', 'site.test.mjs')])
}
