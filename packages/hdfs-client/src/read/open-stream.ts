import type { LocatedBlockProto } from '@cairn/hadoop-proto'
import type { ClientContext } from '../client-context.ts'
import { BlockStream } from './block-stream.ts'
import type { LocatedFile } from './located-file.ts'
import { StripedGroup } from './striped-group.ts'
import { StripedStream } from './striped-stream.ts'

/** A part of one block or block group, being read. */
export type FileStream = BlockStream | StripedStream

/** Reads a range of a file (in file offsets, within `block`) from replicas, or from units of a striped file. */
export function openStream(
  context: ClientContext,
  file: LocatedFile,
  block: LocatedBlockProto,
  range: { start: number; end: number },
  signal: AbortSignal | undefined,
): FileStream {
  const { striping } = file
  if (striping === undefined) return new BlockStream(context, file, block, range, signal)
  return new StripedStream(context, file, new StripedGroup(block, striping), range, signal)
}
