import { it } from 'node:test'
import { launcherSuite } from './launcher-suite.ts'

it('the launcher keeps what was written when servers are stopped and started, and damages blocks', () =>
  launcherSuite([]))
