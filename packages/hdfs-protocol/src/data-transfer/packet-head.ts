import type { PacketForm } from './data-transfer-version.ts'
import type { PacketHeader } from './packet-header.ts'

/** Preamble and checksums of a packet in this form: what precedes its data, which goes by on its own. */
export function packetHeadOf(form: PacketForm, header: PacketHeader, checksums: Uint8Array): Uint8Array {
  const preamble = form.preambleBytes(header)
  const head = new Uint8Array(preamble + checksums.length)
  form.writePreamble(head, preamble, header, checksums.length)
  head.set(checksums, preamble)
  return head
}
