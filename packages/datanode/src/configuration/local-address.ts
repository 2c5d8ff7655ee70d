import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'

/**
 * The address of this machine from which packets to `host` leave: one under which that side of the network reaches
 * this node. Nothing is sent. Undefined where there is no way there, or nobody knows the name now.
 */
export async function localAddressTowards(host: string, port: number): Promise<string | undefined> {
  const found = await lookup(host).catch(() => undefined)
  if (found === undefined) return undefined
  const socket = createSocket(found.family === 6 ? 'udp6' : 'udp4')
  try {
    return await new Promise<string | undefined>((resolve) => {
      socket.on('error', () => resolve(undefined))
      socket.connect(port, found.address, () => resolve(socket.address().address))
    })
  } finally {
    socket.close()
  }
}
