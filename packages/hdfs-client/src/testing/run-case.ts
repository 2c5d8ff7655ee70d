import type { HdfsClient } from '../client.ts'
import { releaseHas } from './release.ts'
import type { SuiteCase } from './suite-case.ts'

let cases = 0

/**
 * Runs one case in a new directory of its own, and removes that. `release`: of Hadoop; undefined: a cluster of our own.
 * `spoken`: the release whose protocols the client speaks; default the cluster's own.
 */
export async function runCase(
  suiteCase: SuiteCase,
  connectAs: (user: string | undefined) => Promise<HdfsClient>,
  release?: string,
  spoken = release,
): Promise<void> {
  const client = await connectAs(undefined)
  cases += 1
  const dir = `/client-suite-${process.pid}-${cases}`
  try {
    await client.mkdir(dir)
    await client.chmod(dir, 0o755)
    const has = (since: string): boolean => releaseHas(spoken, since)
    const serverHas = (since: string): boolean => releaseHas(release, since)
    const { before } = suiteCase
    const { run } = before === undefined || has(before.release) ? suiteCase : before
    await run({ client, dir, connectAs, has, serverHas })
    await client.rm(dir, { recursive: true })
  } finally {
    await client.close()
  }
}
