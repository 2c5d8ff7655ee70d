import { Status } from '@cairn/hadoop-proto'

const namesByNumber = new Map<number, string>(Object.entries(Status).map(([name, number]) => [number, name]))

/** A status of the data transfer protocol for people: `ERROR_CHECKSUM`, or `Status(77)` when it has no name. */
export function formatStatus(status: number): string {
  return namesByNumber.get(status) ?? `Status(${status})`
}

/** Whether a reader's closing status means that the reader has everything. */
export function isReadSuccess(status: number): boolean {
  return status === Status.SUCCESS || status === Status.CHECKSUM_OK
}
