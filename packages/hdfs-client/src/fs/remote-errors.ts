// The table of @cairn/hdfs-protocol gives a code to every Java exception. Node's callers expect finer ones for some
// answers of the NameNode that differ in their text only; those are told apart here.

import { UnsupportedByReleaseError } from '@cairn/hadoop-ipc'
import type { RemoteException } from '@cairn/hadoop-rpc'
import { errnoOfJavaClass } from '@cairn/hdfs-protocol'

/** A Java class (simple name) with a text, and the code it stands for. */
interface TextRule {
  readonly className: string
  readonly text: RegExp
  readonly code: string
}

const textRules: readonly TextRule[] = [
  { className: 'FileNotFoundException', text: /^Path is not a directory/, code: 'ENOTDIR' },
  { className: 'FileAlreadyExistsException', text: /is a directory and|is not a directory/, code: 'ENOTDIR' },
  { className: 'IOException', text: /is a directory or file under source/, code: 'EINVAL' },
  { className: 'IOException', text: /No crypto protocol versions/, code: 'ENOTSUP' },
  { className: 'IOException', text: /can't be moved (?:into|from)|encryption zone/i, code: 'EXDEV' },
  { className: 'IOException', text: /^Requested replication factor/, code: 'EINVAL' },
  { className: 'IOException', text: /File has reached the limit on maximum number of blocks/, code: 'EFBIG' },
]

/** Codes whose own words leave the cause open: the Java text is added to the message. */
const vagueCodes: ReadonlySet<string> = new Set([
  'EIO',
  'EINVAL',
  'EBUSY',
  'EAGAIN',
  'ENOTSUP',
  'ENOSPC',
  'ESTALE',
  'EXDEV',
  'ENOSYS',
])

/** The code of an exception, and whether Node's own words for the code say what happened. */
export function errnoOfRemoteException(error: RemoteException): { code: string; explained: boolean } {
  // The NameNode's release has no such call; the message says since when Hadoop has.
  if (error instanceof UnsupportedByReleaseError) return { code: 'ENOTSUP', explained: false }
  const rule = textRules.find(
    ({ className, text }) => className === error.simpleClass && text.test(error.message),
  )
  const code = rule?.code ?? errnoOfJavaClass(error.javaClass, error.message)
  return { code, explained: !vagueCodes.has(code) }
}
