/** ClientProtocol: what clients ask of a namespace in which no directory may have snapshots. */
import type { Handlers } from '@cairn/hadoop-ipc'
import type { ClientNamenodeProtocol } from '@cairn/hadoop-proto'

export function snapshotHandlers(): Handlers<typeof ClientNamenodeProtocol> {
  return {
    // Without a list, as Java answers where no directory is snapshottable; clients show that as none.
    getSnapshottableDirListing: () => ({}),
  }
}
