import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { html, icon, styleSheet } from '@cairn/datanode/web'
import type { HdfsClient } from '@cairn/hdfs-client'
import type { Logger } from '../logger.ts'
import type { ClusterStatus } from '../status.ts'
import { directoryPage, filePage, pathUrl } from './browse-page.ts'
import { sendFile } from './download.ts'
import { layout, type Page } from './layout.ts'
import { overviewPage } from './overview-page.ts'
import { listedEntry, readDirectoryPage } from './read-directory.ts'
import { isOwnHost, parseRequestPath, parseTypedPath, type RequestPath } from './request-path.ts'

/** What the web server shows. */
export interface WebSource {
  readonly url: string
  status(): Promise<ClusterStatus>
  /** The client that directories and files are read with. */
  client(): Promise<HdfsClient>
  /** The text of `/metrics` and its type. */
  metrics(status: ClusterStatus): Promise<{ contentType: string; text: string }>
}

/** Seconds between two loads of the overview. */
const refreshSeconds = 10

/** Sent with every answer: no scripts, no frames, nothing from anywhere else. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** HTTP statuses of file errors; what is not here is the server's own trouble. */
const statusOfCode: Readonly<Record<string, number>> = {
  ENOENT: 404,
  ENOTDIR: 404,
  EISDIR: 404,
  EACCES: 403,
  EPERM: 403,
  EINVAL: 400,
  ERR_HDFS_PATH: 400,
  ERR_CLUSTER_ROLE_FAILED: 503,
  ERR_HDFS_UNREACHABLE: 503,
}

/** The web page of a cluster, `/metrics` and `/api/status`. Only reads, and only as the client that it is given. */
export class WebServer {
  readonly #source: WebSource
  readonly #logger: Logger
  readonly #host: string
  readonly #server: Server

  constructor(source: WebSource, options: { host: string; logger: Logger }) {
    this.#source = source
    this.#logger = options.logger
    this.#host = options.host
    this.#server = createServer({ requestTimeout: 30_000 }, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => this.#answerError(error, request, response))
    })
  }

  /** Starts to listen; answers the port. Rejects with Node's error where it is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: this.#host, port }, () => {
        this.#server.off('error', reject)
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** Stops listening and breaks what is under way. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    if (!isOwnHost(request.headers.host, this.#host)) {
      return this.#page(response, 421, 'Misdirected', 'This server does not answer for that host name.')
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return this.#page(response, 405, 'Not allowed', 'This page can only be read.')
    }
    const target = parseRequestPath(request.url ?? '/')
    if (target === undefined)
      return this.#page(response, 400, 'Bad request', 'This is not the address of a path.')
    switch (target.section) {
      case '':
        if (target.path !== '/') break
        return this.#overview(response)
      case 'browse':
        return this.#browse(target, response)
      case 'download':
        return sendFile(await this.#source.client(), target.path, request, response)
      case 'metrics': {
        const { contentType, text } = await this.#source.metrics(await this.#source.status())
        return send(response, 200, contentType, text)
      }
      case 'api':
        if (target.path !== '/status') break
        return send(
          response,
          200,
          'application/json',
          `${JSON.stringify(await this.#source.status(), null, 2)}\n`,
        )
      case 'style.css':
        response.setHeader('cache-control', 'max-age=300')
        return send(response, 200, 'text/css; charset=utf-8', styleSheet)
      case 'icon.svg':
        response.setHeader('cache-control', 'max-age=86400')
        return send(response, 200, 'image/svg+xml', icon)
    }
    this.#page(response, 404, 'Not found', 'There is no such page.')
  }

  async #overview(response: ServerResponse): Promise<void> {
    const body = overviewPage(await this.#source.status(), Date.now())
    this.#send(response, 200, { title: 'Overview', section: 'overview', body, refreshSeconds })
  }

  async #browse({ path, query }: RequestPath, response: ServerResponse): Promise<void> {
    const typed = query.get('path')
    if (typed !== null) {
      const wanted = parseTypedPath(typed)
      if (wanted === undefined) return this.#page(response, 400, 'Bad request', 'This is not a path.')
      return void response.writeHead(303, { location: pathUrl('/browse', wanted) }).end()
    }
    const client = await this.#source.client()
    const stats = await client.stat(path)
    if (!stats.isDirectory()) {
      const blocks = await client.blockLocations(path)
      const body = filePage(path, listedEntry('', stats), blocks)
      return this.#send(response, 200, { title: path, section: 'browse', body })
    }
    const page = await readDirectoryPage(client, path, query.get('after') ?? undefined)
    if (page === undefined) return this.#page(response, 404, 'Not found', `There is no directory ${path}.`)
    this.#send(response, 200, { title: path, section: 'browse', body: directoryPage(page) })
  }

  #answerError(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const message = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error)
    const status = statusOf(error)
    if (status === 500) this.#logger.warn({ err: error, url: request.url }, 'a web request failed')
    if (response.headersSent) return void response.destroy()
    for (const name of ['content-length', 'content-range', 'content-disposition']) response.removeHeader(name)
    const titles: Readonly<Record<number, string>> = {
      400: 'Bad request',
      403: 'Not permitted',
      404: 'Not found',
    }
    this.#page(response, status, titles[status] ?? 'This did not work', message)
  }

  #page(response: ServerResponse, status: number, title: string, message: string): void {
    const body = html`<h1>${title}</h1><p>${message}</p><p><a class="button" href="/browse/">All files</a></p>`
    this.#send(response, status, { title, section: 'none', body })
  }

  #send(response: ServerResponse, status: number, page: Omit<Page, 'url'>): void {
    response.setHeader('cache-control', 'no-store')
    send(response, status, 'text/html; charset=utf-8', layout({ ...page, url: this.#source.url }))
  }
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500
  // A low-level call rejects with the NameNode's exception itself.
  if ('javaClass' in error && String(error.javaClass).endsWith('.AccessControlException')) return 403
  return ('code' in error && statusOfCode[String(error.code)]) || 500
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  const bytes = Buffer.from(text)
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}
