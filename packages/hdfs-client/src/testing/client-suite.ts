import { clusterCases } from './cluster-cases.ts'
import { fileCases } from './file-cases.ts'
import { namespaceCases } from './namespace-cases.ts'
import type { SuiteCase } from './suite-case.ts'

/** Every case: run it against real Apache Hadoop and against a cluster of our own, permissions on. */
export const clientSuite: readonly SuiteCase[] = [...namespaceCases, ...fileCases, ...clusterCases]
