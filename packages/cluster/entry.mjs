// Loads the bundle, which starts in half the time, and dist/ where there is none or where it is older.
import { fileURLToPath } from 'node:url'
import { isCurrent } from './is-current.cjs'

const bundle = new URL('./bundle/index.js', import.meta.url)
const loaded = await import(isCurrent(fileURLToPath(bundle)) ? bundle.href : './dist/index.js')

export const { Cluster, ClusterError, createLogger, silentLogger, startCluster } = loaded
