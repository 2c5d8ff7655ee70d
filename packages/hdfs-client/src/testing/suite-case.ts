import type { HdfsClient } from '../client.ts'

/** Where a case works. */
export interface SuiteContext {
  /** A client of a user who may do everything. */
  readonly client: HdfsClient
  /** An empty directory of the case's own. */
  readonly dir: string
  /** Another client of the same cluster, as `user`. */
  connectAs(user: string): Promise<HdfsClient>
}

/** One check that every HDFS cluster must pass: real Apache Hadoop, and ours. */
export interface SuiteCase {
  readonly name: string
  run(context: SuiteContext): Promise<void>
}
