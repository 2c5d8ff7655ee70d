import type { Configuration } from '@cairn/hadoop-conf'
import type { Activity } from '../activity.ts'
import type { DataNodeStatus } from '../status.ts'

/** What the web port shows. */
export interface WebSource {
  readonly activity: Activity
  readonly configuration: Configuration
  status(): DataNodeStatus
}
