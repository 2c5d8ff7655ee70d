/**
 * A process that is there to be killed: it changes the namespace in the directory of its first argument for as long as
 * it lives, and prints the number of each change once that is durable.
 */
import { writeSync } from 'node:fs'
import { applyEdit } from '../../namespace/apply-edit.ts'
import { openNameNodeStorage } from '../open-storage.ts'
import { mkdir } from './journaled-namespace.ts'

const standardOutput = 1
const [, , dir = '', checkpointTransactions = '1000000'] = process.argv
const { namespace, journal } = await openNameNodeStorage({
  dir,
  superuser: 'root',
  supergroup: 'supergroup',
  checkpointTransactions: Number(checkpointTransactions),
})
writeSync(standardOutput, 'open\n')
let next = namespace.lastInodeId - 16385

async function writer(): Promise<void> {
  for (;;) {
    next++
    const number = next
    const op = mkdir(number)
    const txid = journal.append(op)
    applyEdit(namespace, op)
    await journal.sync(txid)
    writeSync(standardOutput, `${number}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, writer))
