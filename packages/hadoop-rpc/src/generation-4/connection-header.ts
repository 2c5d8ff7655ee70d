// Who connects, and for which protocol (`ConnectionHeader`), in a frame right behind the preamble [hrpc4.context.1]:
//
//     | Text protocol | boolean user? | UTF user | boolean real user? | UTF real user |
import type { ByteReader, ByteWriter } from '@cairn/bytes'
import { readText, readUtf8, writeText, writeUtf8 } from '@cairn/hadoop-writable'
import { checkName } from '../method-headers.ts'
import type { ConnectionContext } from '../session.ts'

/** Appends the header; a user of "" is none. */
export function writeConnectionHeader(writer: ByteWriter, context: ConnectionContext): void {
  writeText(writer, context.protocol)
  writer.u8(context.user === '' ? 0 : 1)
  if (context.user === '') return
  writeUtf8(writer, context.user, true)
  writer.u8(context.realUser === undefined ? 0 : 1)
  if (context.realUser !== undefined) writeUtf8(writer, context.realUser, true)
}

/** Reads a header. */
export function readConnectionHeader(reader: ByteReader): ConnectionContext {
  const protocol = readText(reader)
  const user = reader.u8() === 0 ? '' : readUtf8(reader)
  const realUser = user !== '' && reader.u8() !== 0 ? readUtf8(reader) : undefined
  checkName('ConnectionHeader.protocol', protocol)
  checkName('ConnectionHeader.user', user)
  checkName('ConnectionHeader.realUser', realUser ?? '')
  return { protocol, user, realUser }
}
