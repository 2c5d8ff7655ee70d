import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FileHandle, HdfsClient } from '@cairn/hdfs-client'
import { parseByteRange } from './byte-range.ts'

/** Bytes read ahead of the browser: what a slow one costs in memory. */
const bufferBytes = 256 * 1024

/** Sends a file, or the range of it that was asked for. Rejects before the first byte; after it the connection breaks. */
export async function sendFile(
  client: HdfsClient,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const handle = await client.open(path, 'r')
  try {
    const { size, mtimeMs, fileId } = await handle.stat()
    const etag = `"${fileId.toString(36)}-${size.toString(36)}-${mtimeMs.toString(36)}"`
    const ifRange = request.headers['if-range']
    const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined
    const range = parseByteRange(asked, size)
    response.setHeader('accept-ranges', 'bytes')
    response.setHeader('etag', etag)
    response.setHeader('last-modified', new Date(mtimeMs).toUTCString())
    response.setHeader('cache-control', 'private, no-cache')
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
    if (range === 'unsatisfiable') {
      return void response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': 0 }).end()
    }
    const { start, end } = range === 'whole' ? { start: 0, end: size - 1 } : range
    // Never shown by the browser itself: a file on HDFS may be a page that wants to act in this one's name.
    response.setHeader('content-type', 'application/octet-stream')
    response.setHeader('content-disposition', disposition(path))
    response.setHeader('content-length', end - start + 1)
    if (range !== 'whole') response.setHeader('content-range', `bytes ${start}-${end}/${size}`)
    response.writeHead(range === 'whole' ? 200 : 206)
    if (request.method === 'HEAD') return void response.end()
    await sendBytes(handle, start, end, response)
  } finally {
    await handle.close()
  }
}

async function sendBytes(
  handle: FileHandle,
  start: number,
  end: number,
  response: ServerResponse,
): Promise<void> {
  let position = start
  let buffer = new Uint8Array(bufferBytes)
  while (position <= end && !response.destroyed) {
    const wanted = Math.min(buffer.length, end - position + 1)
    const { bytesRead } = await handle.read(buffer, 0, wanted, position)
    if (bytesRead === 0) break
    position += bytesRead
    const isAccepted = response.write(buffer.subarray(0, bytesRead))
    // The socket holds on to what it was given until it is sent.
    buffer = new Uint8Array(bufferBytes)
    if (!isAccepted) await drained(response)
  }
  // A file that was cut meanwhile must not look like a whole one.
  if (position <= end) response.destroy()
  else response.end()
}

function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

/** RFC 6266: a plain name for old browsers, and the real one in UTF-8. */
function disposition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
