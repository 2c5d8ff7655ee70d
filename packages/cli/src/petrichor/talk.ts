import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import {
  type Connected,
  connect,
  connectAllowed,
  type HandshakeOptions,
  type HeaderInit,
  type Message,
  serve,
} from '@cairn/petrichor'
import { compression, connectTls, dedupe, serveTls } from '@cairn/petrichor-helpers'
import type { Context } from '../context.ts'
import { CommandError, codeOf, UsageError } from '../errors.ts'
import { fromJson, jsonOf, treeOf } from './show-value.ts'

/** What the flags of `cairn petri` say about a connection. */
export interface TalkFlags {
  readonly header: string | undefined
  readonly body: string | undefined
  readonly tls: boolean
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly insecure: boolean
  readonly deny: string | undefined
  readonly timeout: string | undefined
}

/** HOST:PORT, [V6]:PORT or PORT alone. */
export function addressOf(text: string): { host: string; port: number } {
  const [, v6, host, port] = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d+)$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new UsageError(`an address is HOST:PORT, not '${text}'`)
  return { host: v6 ?? (host || '127.0.0.1'), port: Number(port) }
}

/** A dict given as JSON. */
export function headerOf(text: string | undefined): HeaderInit {
  if (text === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Told below as what it is: not an object.
    value = undefined
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new UsageError(`a header is a JSON object, not '${text}'`)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromJson(one)]))
}

/** A JSON object in front of a line is its header; where there is none, all of the line is the body. */
function splitLine(line: string): { header: HeaderInit; text: string } {
  if (line.startsWith('{'))
    for (let end = line.indexOf('}'); end >= 0; end = line.indexOf('}', end + 1)) {
      try {
        return { header: headerOf(line.slice(0, end + 1)), text: line.slice(end + 1).replace(/^ /, '') }
      } catch {
        // This brace ends no object: a later one may.
      }
    }
  return { header: {}, text: line }
}

const fileOf = (context: Context, path: string | undefined) =>
  path === undefined ? {} : readFileSync(resolve(context.io.cwd, path))

function tlsOf(context: Context, flags: TalkFlags) {
  const files = { ca: flags.ca, cert: flags.cert, key: flags.key }
  const read = Object.entries(files).filter(([, path]) => path !== undefined)
  return {
    ...Object.fromEntries(read.map(([name, path]) => [name, fileOf(context, path) as Buffer])),
    ...(flags.insecure ? { rejectUnauthorized: false } : {}),
  }
}

function open(
  context: Context,
  address: string,
  flags: TalkFlags,
  options: HandshakeOptions,
): Promise<Connected> {
  const { host, port } = addressOf(address)
  const timeoutMs = flags.timeout === undefined ? undefined : Number(flags.timeout) * 1000
  const header = headerOf(flags.header)
  const all = { ...options, signal: context.signal, timeoutMs }
  const name = isIP(host) === 0 ? { servername: host } : {}
  const opened = flags.tls
    ? connectTls(host, port, { ...tlsOf(context, flags), ...name }, header, flags.body ?? '', all)
    : connect(host, port, header, flags.body ?? '', all)
  return opened.catch((cause: unknown) => {
    if (codeOf(cause) !== 'ECONNREFUSED') throw cause
    const hint = 'nothing listens there: is the server up, is this its port?'
    throw new CommandError(`connect to ${address}: connection refused`, { code: 'ECONNREFUSED', hint, cause })
  })
}

function show(context: Context, what: string, { header, body }: Message): void {
  if (context.isJson)
    context.print(`{"event":${JSON.stringify(what)},"header":${jsonOf(header)},"body":${jsonOf(body)}}\n`)
  else context.print(`${what}\n  header: ${treeOf(header, '  ')}  body: ${treeOf(body, '  ')}`)
}

/** `cairn petri serve`: answers every message with itself and shows what comes. */
export async function serveEcho(context: Context, address: string, flags: TalkFlags): Promise<number> {
  const { deny } = flags
  const options = {
    ...addressOf(address),
    helpers: [dedupe(), compression()],
    accept: (message: Message) => {
      show(context, 'connect', message)
      return deny === undefined ? { allowed: true, body: 'WELCOME' } : { allowed: false, body: deny }
    },
    handle: (message: Message) => {
      show(context, 'message', message)
      return { body: message.body }
    },
    onConnectionError: (error: Error) => context.note(error.message),
  }
  // Who is told whose signature counts wants certificates to be shown.
  const tls = { ...tlsOf(context, flags), requestCert: flags.ca !== undefined }
  const server = await (flags.cert === undefined ? serve(options) : serveTls(tls, options))
  const { host, port } = server.address
  if (context.isJson) context.printJson({ event: 'ready', host, port })
  else context.print(`ready ${host.includes(':') ? `[${host}]` : host}:${port}\n`)
  await context.io.stdout.flush()
  await new Promise<void>((done) => {
    if (context.signal.aborted) done()
    else context.signal.addEventListener('abort', () => done(), { once: true })
  })
  await server.close()
  return 0
}

/** `cairn petri connect`: a line of standard input is a body, after a JSON object for its header where there is one. */
export async function talk(context: Context, address: string, flags: TalkFlags): Promise<number> {
  const { conn, header, body } = await open(context, address, flags, {})
  try {
    show(context, connectAllowed(header) ? 'allowed' : 'denied', { header, body })
    if (!connectAllowed(header)) return 1
    for await (const line of createInterface({ input: context.io.stdin() })) {
      const { header, text } = splitLine(line)
      const answer = await conn.request(header, text, { signal: context.signal })
      if (answer === null) {
        context.note('the server has ended the connection')
        return 1
      }
      show(context, 'answer', answer)
    }
    return 0
  } finally {
    await conn.close()
  }
}

/** `cairn petri probe`: what the server answers to a connect message, and how soon. */
export async function probe(context: Context, address: string, flags: TalkFlags): Promise<number> {
  const from = performance.now()
  const options = { correlate: true, helpers: [dedupe(), compression()] }
  const { conn, header, body } = await open(context, address, flags, options)
  const ms = Math.round((performance.now() - from) * 10) / 10
  const { agreed } = conn
  await conn.close()
  const allowed = header.allowed === undefined ? 'not said' : connectAllowed(header) ? 'yes' : 'no'
  if (context.isJson)
    context.print(
      `{"allowed":${JSON.stringify(allowed)},"ms":${ms},"helpers":${JSON.stringify(agreed)},"header":${jsonOf(header)},"body":${jsonOf(body)}}\n`,
    )
  else {
    context.print(`speaks Petrichor, answered in ${ms} ms\nallowed: ${allowed}\n`)
    context.print(`helpers: ${agreed.length === 0 ? 'none' : agreed.join(' ')}\n`)
    context.print(`header: ${treeOf(header)}body: ${treeOf(body)}`)
  }
  return 0
}
