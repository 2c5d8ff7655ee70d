export { clientSuite } from './client-suite.ts'
export { testBytes } from './file-cases.ts'
export { runCase } from './run-case.ts'
export type { SuiteCase, SuiteContext } from './suite-case.ts'
