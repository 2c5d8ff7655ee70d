import type { HdfsClient } from '../client.ts'
import type { SuiteCase } from './suite-case.ts'

let cases = 0

/** Runs one case in a new directory of its own, and removes that. */
export async function runCase(
  suiteCase: SuiteCase,
  connectAs: (user: string | undefined) => Promise<HdfsClient>,
): Promise<void> {
  const client = await connectAs(undefined)
  cases += 1
  const dir = `/client-suite-${process.pid}-${cases}`
  try {
    await client.mkdir(dir)
    await client.chmod(dir, 0o755)
    await suiteCase.run({ client, dir, connectAs })
    await client.rm(dir, { recursive: true })
  } finally {
    await client.close()
  }
}
