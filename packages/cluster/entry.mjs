// Loads the bundle, which starts in half the time, and dist/ where there is none or where it is older.
import { isCurrent } from './is-current.mjs'

const bundle = new URL('./bundle/index.js', import.meta.url)
const loaded = await import(isCurrent(bundle) ? bundle.href : './dist/index.js')

export const { Cluster, ClusterError, createLogger, silentLogger, startCluster } = loaded
