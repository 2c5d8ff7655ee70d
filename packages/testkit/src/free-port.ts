import { createServer } from 'node:net'

const portFirst = 12_000
const portLast = 32_000

/**
 * A port nobody listens on, below 32768: the system takes ports for outgoing connections from there upwards, and one
 * of those could get to the port between this answer and its use.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = portFirst + Math.floor(Math.random() * (portLast - portFirst))
    if (await canListen(port)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
