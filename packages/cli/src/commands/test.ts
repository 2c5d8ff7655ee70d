import { constants } from 'node:fs'
import type { HdfsClient } from '@cairn/hdfs-client'
import { defineCommand } from '../command.ts'
import { codeOf, UsageError } from '../errors.ts'
import { type Entry, findEntry } from '../files/entry.ts'

type Check = (client: HdfsClient, entry: Entry) => boolean | Promise<boolean>

const checks: Readonly<Record<string, Check>> = {
  directory: (_, entry) => entry.kind === 'directory',
  exists: () => true,
  file: (_, entry) => entry.kind === 'file',
  filled: (_, entry) => entry.size > 0,
  empty: (_, entry) => entry.size === 0,
  writable: (client, entry) => mayAccess(client, entry, constants.W_OK),
  readable: (client, entry) => mayAccess(client, entry, constants.R_OK),
}

/** `cairn test`. */
export const test = defineCommand({
  name: 'test',
  summary: 'test a path; the answer is the exit code',
  usage: ['-d|-e|-f|-r|-s|-w|-z PATH'],
  operands: 'hdfs',
  flags: {
    directory: { names: ['-d'], help: 'is it a directory' },
    exists: { names: ['-e'], help: 'does it exist' },
    file: { names: ['-f'], help: 'is it a file' },
    filled: { names: ['-s'], help: 'is it a file that is not empty' },
    writable: { names: ['-w'], help: 'may the user write it' },
    readable: { names: ['-r'], help: 'may the user read it' },
    empty: { names: ['-z'], help: 'is it empty' },
  },
  examples: [
    ['cairn test -e /data/_SUCCESS && echo done', 'Exit code 0: yes; 1: no; 2: it could not be found out.'],
    ['cairn test -d /data || cairn mkdir /data', 'Makes a directory where there is none.'],
  ],
  async run(context, { flags, operands }) {
    const asked = Object.entries(flags).filter(([name, isSet]) => isSet && name in checks)
    if (asked.length !== 1 || operands.length !== 1) throw new UsageError('test needs one flag and one PATH')
    const check = checks[asked[0]![0]]!
    const target = context.target(operands[0]!)
    try {
      const client = await context.client(target)
      const entry = await findEntry(client, target)
      const answer = entry !== undefined && (await check(client, entry))
      if (context.isJson) context.printJson({ path: target.path, result: answer })
      return answer ? 0 : 1
    } catch (error) {
      context.fail(`test '${operands[0]}'`, error, target.path)
      return 2
    }
  },
})

async function mayAccess(client: HdfsClient, entry: Entry, mode: number): Promise<boolean> {
  try {
    await client.access(entry.target.path, mode)
    return true
  } catch (error) {
    if (codeOf(error) === 'EACCES') return false
    throw error
  }
}
