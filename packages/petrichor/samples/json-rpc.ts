// JSON-RPC 2.0 over Petrichor: method and id in the header, parameters and results as JSON in the body. Requests are
// numbered by Petrichor itself, so many may be under way; one without an answer wanted is a notification.
//   node json-rpc.js serve PORT · node json-rpc.js call PORT METHOD PARAMS
import { fileURLToPath } from 'node:url'
import {
  bodyText,
  type Connection,
  connect,
  headerText,
  type Message,
  type Reply,
  type Server,
  serve,
} from '@cairn/petrichor'

/** What a method does with its parameters. */
export type Methods = Readonly<Record<string, (params: never) => unknown>>

/** The error codes of JSON-RPC 2.0. */
export const codes = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
} as const

/** An error that the caller is to see as it is. */
export class RpcError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export function serveRpc(methods: Methods, port = 0): Promise<Server> {
  return serve({ port, handle: (message) => answer(methods, message) })
}

async function answer(methods: Methods, { header, body }: Message): Promise<Reply> {
  const isNotification = header.notify === true
  try {
    const name = headerText(header, 'method')
    if (name === undefined) throw new RpcError(codes.request, 'a request has a method')
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method === undefined) throw new RpcError(codes.method, `there is no method ${name}`)
    const result = await method(parse(bodyText(body) ?? '') as never)
    return isNotification ? undefined : { body: JSON.stringify(result ?? null) }
  } catch (error) {
    if (isNotification) return undefined
    const { code, message } =
      error instanceof RpcError ? error : new RpcError(codes.internal, 'internal error')
    return { header: { error: code }, body: JSON.stringify(message) }
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new RpcError(codes.parse, 'the parameters are no JSON')
  }
}

/** Calls a method; rejects with `RpcError`. */
export async function call(connection: Connection, method: string, params?: unknown): Promise<unknown> {
  const answer = await connection.request({ method }, params === undefined ? '' : JSON.stringify(params))
  if (answer === null) throw new RpcError(codes.internal, 'the server has ended')
  const value: unknown = JSON.parse(bodyText(answer.body) ?? 'null')
  const { error } = answer.header
  if (error !== undefined) throw new RpcError(Number(error), String(value))
  return value
}

/** Calls a method and wants no answer. */
export function notify(connection: Connection, method: string, params?: unknown): Promise<void> {
  return connection.send({ method, notify: true }, params === undefined ? '' : JSON.stringify(params))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, port, method = '', params = ''] = process.argv.slice(2)
  if (command === 'serve') {
    const methods = { add: ([a, b]: [number, number]) => a + b, echo: (params: unknown) => params }
    console.log('RUNNING', (await serveRpc(methods, Number(port))).address.port)
  } else {
    const { conn } = await connect('127.0.0.1', Number(port), {}, '', { correlate: true })
    console.log(await call(conn, method, params === '' ? undefined : JSON.parse(params)))
    await conn.close()
  }
}
