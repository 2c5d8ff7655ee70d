/**
 * Names in `<dir>/current` of a NameNode (`NNStorage.NameNodeFile`); transaction ids take 19 digits in images and
 * segments ([edits.file.1]).
 */

/** `VERSION`. */
export const versionFileName = 'VERSION'
/** Holds the first transaction id of the newest segment in decimal, so that lost segments are noticed. */
export const seenTxidFileName = 'seen_txid'
/** Held by the running process; in the storage directory itself. */
export const lockFileName = 'in_use.lock'

function digits(txid: number): string {
  return String(txid).padStart(19, '0')
}

/** `fsimage_<txid>`: the namespace after that transaction. */
export function formatImageFileName(txid: number): string {
  return `fsimage_${digits(txid)}`
}

/** `fsimage.ckpt_<txid>`: an image that is being written. */
export function formatCheckpointFileName(txid: number): string {
  return `fsimage.ckpt_${digits(txid)}`
}

/** `edits_<first>-<last>`: a finished segment. */
export function formatSegmentFileName(firstTxid: number, lastTxid: number): string {
  return `edits_${digits(firstTxid)}-${digits(lastTxid)}`
}

/** `edits_inprogress_<first>`: the segment that is being written. */
export function formatInProgressFileName(firstTxid: number): string {
  return `edits_inprogress_${digits(firstTxid)}`
}

/** What a name in `current` says; other names are no part of the storage. */
export type NameNodeFileName =
  | { readonly kind: 'image' | 'image-md5' | 'checkpoint'; readonly txid: number }
  | { readonly kind: 'segment'; readonly firstTxid: number; readonly lastTxid: number }
  | { readonly kind: 'segment-in-progress'; readonly firstTxid: number }

const imageName = /^fsimage(_|\.ckpt_)(\d+)(\.md5)?$/
const segmentName = /^edits_(?:(\d+)-(\d+)|inprogress_(\d+))$/

/** Parses a name in `current`; undefined for VERSION, seen_txid, rolled-back images and foreign files. */
export function parseNameNodeFileName(name: string): NameNodeFileName | undefined {
  const image = imageName.exec(name)
  if (image !== null) {
    const txid = Number(image[2])
    if (image[1] === '_') return { kind: image[3] === undefined ? 'image' : 'image-md5', txid }
    return image[3] === undefined ? { kind: 'checkpoint', txid } : undefined
  }
  const segment = segmentName.exec(name)
  if (segment === null) return undefined
  return segment[3] === undefined
    ? { kind: 'segment', firstTxid: Number(segment[1]), lastTxid: Number(segment[2]) }
    : { kind: 'segment-in-progress', firstTxid: Number(segment[3]) }
}

/** Text of `<image>.md5`, as md5sum prints it ([image.file.5]). `digest` in hex. */
export function formatMd5File(digest: string, imageFileName: string): string {
  return `${digest} *${imageFileName}\n`
}

/** Digest and file name of an `.md5` file, or undefined where it is not one. */
export function parseMd5File(text: string): { digest: string; fileName: string } | undefined {
  const match = /^([0-9a-f]{32}) [ *](.+?)\r?\n?$/i.exec(text)
  return match === null ? undefined : { digest: match[1]!.toLowerCase(), fileName: match[2]! }
}
