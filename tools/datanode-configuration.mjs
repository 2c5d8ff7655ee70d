// Writes docs/datanode-configuration.md from the table of settings. A test of packages/datanode holds the two in step.
import { writeFileSync } from 'node:fs'
import { configurationPage } from '../packages/datanode/dist/configuration/page.js'

writeFileSync(new URL('../docs/datanode-configuration.md', import.meta.url), configurationPage())
