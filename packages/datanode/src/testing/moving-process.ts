/**
 * The program of a node that moves its replicas between its volumes for ever, for tests to shoot: directories as
 * arguments. Prints a line for every hundred moves.
 */
import { randomUUID } from 'node:crypto'
import { silentLogger } from '../logger.ts'
import { DataStorage } from '../storage/data-storage.ts'
import { moveReplica } from '../storage/move-replica.ts'

const dirs = process.argv.slice(2)
const storage = new DataStorage({ dirs, logger: silentLogger, now: Date.now, newUuid: randomUUID })
const store = await storage.openPool({
  blockPoolId: 'BP-1-127.0.0.1-1',
  namespaceId: 7,
  clusterId: 'CID-test',
  cTime: 1n,
})
for (let moves = 0; ; ) {
  for (const replica of [...store.replicas()]) {
    const targets = store.slices.filter((slice) => slice !== replica.slice)
    await moveReplica(store, replica, targets[moves % targets.length]!)
    if (++moves % 100 === 0) process.stdout.write(`${moves}\n`)
  }
}
