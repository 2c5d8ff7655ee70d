// Connects as often as asked and says nothing: silent-peers.js PORT COUNT
import { connect } from 'node:net'

const [port, count] = process.argv.slice(2).map(Number) as [number, number]
let left = count
/** No more at once than a listening socket's queue takes. */
const connectNext = () => {
  if (left-- <= 0) return
  const socket = connect(port, '127.0.0.1', connectNext)
  socket.on('error', () => {}).resume()
}
for (let i = 0; i < 250; i++) connectNext()
