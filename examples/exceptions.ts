// Every exception of the protocol is a class of its own, below ProtocolException.
//   node examples/dist/exceptions.js namenode.example.com hdfs
import { AccessControlException, ProtocolException, rpc } from '@cairn/hdfs-client/low-level'

const [host = 'namenode.example.com', user = 'hdfs'] = process.argv.slice(2)

const cluster = await rpc(host, { user })
try {
  await cluster.setPermission({ src: '/missing', permission: { perm: 0o700 } })
} catch (error) {
  if (error instanceof AccessControlException) console.log('not ours:', error.message)
  else if (error instanceof ProtocolException) console.log(error.javaClass, error.errno, error.reason)
  else throw error
} finally {
  await cluster.close()
}
