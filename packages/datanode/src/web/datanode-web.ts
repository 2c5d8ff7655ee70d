import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '../logger.ts'
import { type Bean, dataNodeBeans } from './beans.ts'
import { confAsJson, confAsXml } from './conf-page.ts'
import { DataNodeMetrics } from './metrics.ts'
import { objectNameMatcher } from './object-name.ts'
import { statusPage } from './status-page.ts'
import { icon, styleSheet } from './style.ts'
import type { WebSource } from './web-source.ts'

/** Sent with every answer: no scripts, no frames, nothing from anywhere else. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

/** Connections at once; monitoring needs a few. */
const connectionsMax = 64

const json = 'application/json; charset=utf-8'

/** The web port: a status page, `/jmx`, `/metrics` and `/conf`. It only tells; nothing can be changed here. */
export class DataNodeWeb {
  readonly port: number
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** Rejects with Node's error where the port is taken. */
  static listen(
    source: WebSource,
    options: { readonly host: string; readonly port: number; readonly logger: Logger },
  ): Promise<DataNodeWeb> {
    const pages = new Pages(source)
    const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
      pages.answer(request, response).catch((error: Error) => {
        options.logger.warn({ url: request.url, error: error.message }, 'a web request failed')
        if (response.headersSent) response.destroy()
        else send(response, 500, 'text/plain; charset=utf-8', 'This did not work; the log says why.\n')
      })
    })
    server.maxConnections = connectionsMax
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: options.host, port: options.port }, () => {
        server.off('error', reject)
        resolve(new DataNodeWeb(server))
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
}

class Pages {
  readonly #source: WebSource
  readonly #metrics: DataNodeMetrics

  constructor(source: WebSource) {
    this.#source = source
    this.#metrics = new DataNodeMetrics(source)
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return send(response, 405, 'text/plain; charset=utf-8', 'This port can only be read.\n')
    }
    const [path, query] = splitUrl(request.url ?? '/')
    switch (path) {
      case '/':
      case '/index.html':
      // Where the NameNode's page links to.
      case '/datanode.html':
        return send(response, 200, 'text/html; charset=utf-8', statusPage(this.#source.status(), Date.now()))
      case '/jmx':
        return this.#jmx(query, response)
      case '/metrics':
      case '/prom': {
        const { contentType, text } = await this.#metrics.text()
        return send(response, 200, contentType, text)
      }
      case '/conf':
        return this.#conf(query, response)
      case '/style.css':
        return send(response, 200, 'text/css; charset=utf-8', styleSheet)
      case '/icon.svg':
        return send(response, 200, 'image/svg+xml', icon)
    }
    send(response, 404, 'text/plain; charset=utf-8', 'There is no such page.\n')
  }

  /** `?qry=` a pattern of names, or `?get=` one bean and attribute; all beans without. */
  #jmx(query: URLSearchParams, response: ServerResponse): void {
    const get = query.get('get')
    const [name, attribute] = get?.split('::') ?? []
    if (get !== null && (name === undefined || attribute === undefined)) {
      const answer = { result: 'ERROR', message: 'query format is not as expected.' }
      send(response, 400, json, `${JSON.stringify(answer)}\n`)
      return
    }
    const matches = objectNameMatcher(name ?? query.get('qry') ?? '*:*')
    const beans =
      matches === undefined ? undefined : dataNodeBeans(this.#source).filter((bean) => matches(bean.name))
    const answer = attribute === undefined ? { beans } : oneAttribute(beans?.[0], attribute)
    if ('result' in answer) response.statusCode = 404
    send(response, response.statusCode, json, `${JSON.stringify(answer, null, 2)}\n`)
  }

  #conf(query: URLSearchParams, response: ServerResponse): void {
    const { configuration } = this.#source
    const only = query.get('name') || undefined
    if (only !== undefined && configuration.get(only) === undefined)
      send(response, 404, 'text/plain; charset=utf-8', `Property ${only} not found\n`)
    else if (query.get('format') === 'json') send(response, 200, json, confAsJson(configuration, only))
    else send(response, 200, 'text/xml; charset=utf-8', confAsXml(configuration, only))
  }
}

function oneAttribute(bean: Bean | undefined, attribute: string): object {
  if (bean === undefined || !Object.hasOwn(bean, attribute))
    return { result: 'ERROR', message: `No attribute with name ${attribute} was found.` }
  const { name, modelerType } = bean
  return { beans: [{ name, modelerType, [attribute]: bean[attribute] }] }
}

function splitUrl(url: string): [string, URLSearchParams] {
  const at = url.indexOf('?')
  return at < 0 ? [url, new URLSearchParams()] : [url.slice(0, at), new URLSearchParams(url.slice(at + 1))]
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  const bytes = Buffer.from(text)
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': contentType,
    'content-length': bytes.length,
  })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}
