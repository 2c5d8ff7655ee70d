import type { HdfsClient } from '../client.ts'

/** Where a case works. */
export interface SuiteContext {
  /** A client of a user who may do everything. */
  readonly client: HdfsClient
  /** An empty directory of the case's own. */
  readonly dir: string
  /** Another client of the same cluster, as `user`. */
  connectAs(user: string): Promise<HdfsClient>
  /** Whether what is spoken between client and cluster has what Hadoop has since `release`. */
  has(release: string): boolean
  /** Whether the cluster behaves as Hadoop does since `release`, whatever is spoken. */
  serverHas(release: string): boolean
}

/** One check that every HDFS cluster must pass: real Apache Hadoop, and ours. */
export interface SuiteCase {
  readonly name: string
  run(context: SuiteContext): Promise<void>
  /** What older releases do instead, which is as much of a promise. */
  readonly before?: { readonly release: string; run(context: SuiteContext): Promise<void> }
}
