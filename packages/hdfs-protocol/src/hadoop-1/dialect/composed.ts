// Today's calls that take several of Hadoop 1. Others may come between these, so what today's does in one step is not
// one here; where that could lose data the call is refused instead.
import {
  type CreateRequestProto,
  HdfsFileStatusProto_FileType as FileType,
  type GetFileInfoResponseProto,
  type GetListingRequestProto,
  type GetListingResponseProto,
  type GetLocatedFileInfoRequestProto,
  type GetLocatedFileInfoResponseProto,
  type HdfsFileStatusProto,
  type MkdirsRequestProto,
  type Rename2RequestProto,
} from '@cairn/hadoop-proto'
import { type CallForm, type ClientForm, RemoteException } from '@cairn/hadoop-rpc'
import { javaExceptions } from '../../exceptions.ts'
import { firstRelease } from '../../generations/since.ts'
import { createForm, fileForms } from './file-methods.ts'
import { namespaceForms } from './namespace-methods.ts'

const wholeFile = { offset: 0n, length: 0x7fff_ffff_ffff_ffffn } as const
const utf8 = new TextDecoder()

/** A client form of several calls. */
function composed<Q>(run: (request: Q, call: CallForm) => Promise<unknown>): ClientForm {
  return { kind: 'composed', run: (request, call) => run(request as Q, call) }
}

async function statusOf(call: CallForm, src: string): Promise<HdfsFileStatusProto | undefined> {
  const { fs }: GetFileInfoResponseProto = await call(namespaceForms.getFileInfo, { src })
  return fs
}

/** What is above the last part of an absolute path. */
function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** Fails as today's NameNode does where a parent is missing or no directory. */
async function requireParent(call: CallForm, path: string): Promise<void> {
  const parent = parentOf(path)
  const found = await statusOf(call, parent)
  if (found === undefined) {
    throw new RemoteException(
      javaExceptions.FileNotFoundException,
      `Parent directory doesn't exist: ${parent}`,
    )
  }
  if (found.fileType !== FileType.IS_DIR) {
    throw new RemoteException(
      javaExceptions.ParentNotDirectoryException,
      `Parent path is not a directory: ${parent}`,
    )
  }
}

/** mkdirs that does not make parents [client1.mkdirs.1]. */
export const mkdirsInParent: ClientForm = composed<MkdirsRequestProto>(async (request, call) => {
  await requireParent(call, request.src)
  return await call(namespaceForms.mkdirs, request)
})

/** create that replaces a file, and makes none where there is none. */
export const overwriteExisting: ClientForm = composed<CreateRequestProto>(async (request, call) => {
  if ((await statusOf(call, request.src)) !== undefined) return await call(createForm(request), request)
  const message = `Can't overwrite non-existent ${request.src} for client ${request.clientName}`
  throw new RemoteException(javaExceptions.FileNotFoundException, message)
})

/** rename2 to a path where nothing is, or which must be free [client1.rename.1]. */
export const renameTo: ClientForm = composed<Rename2RequestProto>(async (request, call) => {
  const { src, dst } = request
  const source = await statusOf(call, src)
  if (source === undefined) {
    throw new RemoteException(javaExceptions.FileNotFoundException, `rename source ${src} is not found.`)
  }
  if (dst.startsWith(`${src}/`)) {
    const message = `Rename destination ${dst} is a directory or file under source ${src}`
    throw new RemoteException(javaExceptions.IOException, message)
  }
  await requireFree(call, source, request)
  await requireParent(call, dst)
  const { result } = await call(namespaceForms.rename, { src, dst })
  if (result) return {}
  const message = `rename ${src} to ${dst}: the NameNode refused and did not say why`
  throw new RemoteException(javaExceptions.IOException, message)
})

async function requireFree(
  call: CallForm,
  source: HdfsFileStatusProto,
  { src, dst, overwriteDest }: Rename2RequestProto,
): Promise<void> {
  const found = await statusOf(call, dst)
  if (found === undefined) return
  const exists = `rename destination ${dst} already exists`
  if (!overwriteDest) throw new RemoteException(javaExceptions.FileAlreadyExistsException, exists)
  const isDirectory = found.fileType === FileType.IS_DIR
  if (isDirectory !== (source.fileType === FileType.IS_DIR)) {
    const message = `Source ${src} and destination ${dst} must both be directories`
    throw new RemoteException(javaExceptions.IOException, message)
  }
  if (isDirectory) {
    const request: GetListingRequestProto = { src: dst, startAfter: new Uint8Array(), needLocation: false }
    const { dirList }: GetListingResponseProto = await call(namespaceForms.getListing, request)
    if ((dirList?.partialListing.length ?? 0) > 0) {
      throw new RemoteException(
        javaExceptions.IOException,
        `rename destination directory is not empty: ${dst}`,
      )
    }
  }
  const message = `${exists}: ClientProtocol 61 of Hadoop 1 has no rename that replaces; Hadoop replaces it in one step since ${firstRelease.rename2}; remove it first`
  throw new RemoteException(javaExceptions.UnsupportedOperationException, message)
}

/** getListing with the locations of files [client1.listing.1]. */
export const listingWithLocations: ClientForm = composed<GetListingRequestProto>(async (request, call) => {
  const answer: GetListingResponseProto = await call(namespaceForms.getListing, request)
  if (answer.dirList === undefined) return answer
  const partialListing = await Promise.all(
    answer.dirList.partialListing.map((status) => {
      const name = utf8.decode(status.path)
      const above = request.src.endsWith('/') ? request.src : `${request.src}/`
      return withLocations(call, name === '' ? request.src : `${above}${name}`, status)
    }),
  )
  return { dirList: { ...answer.dirList, partialListing } }
})

/** getFileInfo with the locations of a file. */
export const locatedFileInfo: ClientForm = composed<GetLocatedFileInfoRequestProto>(
  async ({ src = '' }, call): Promise<GetLocatedFileInfoResponseProto> => {
    const status = await statusOf(call, src)
    return { fs: status && (await withLocations(call, src, status)) }
  },
)

async function withLocations(
  call: CallForm,
  src: string,
  status: HdfsFileStatusProto,
): Promise<HdfsFileStatusProto> {
  if (status.fileType !== FileType.IS_FILE) return status
  const { locations } = await call(fileForms.getBlockLocations, { src, ...wholeFile })
  return { ...status, locations }
}
