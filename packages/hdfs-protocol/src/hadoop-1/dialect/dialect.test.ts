import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { ByteWriter, formatHex, ProtocolError } from '@cairn/bytes'
import { CreateFlagProto } from '@cairn/hadoop-proto'
import {
  type CallForm,
  type ClientForm,
  type MethodForm,
  type ProtocolDialect,
  RemoteException,
  RpcClientSession4,
  RpcServerSession4,
  type ServerCall,
} from '@cairn/hadoop-rpc'
import { writeUtf8 } from '@cairn/hadoop-writable'
import { mutated, randomInteger, seededRandom } from '@cairn/testkit'
import { clientProtocol } from '../../protocols.ts'
import { ClientProtocol61, clientProtocol1 } from '../client-protocol.ts'
import { hadoop1Types } from '../writables.ts'
import { clientDatanodeDialect1, recoverBlock1 } from './client-datanode-dialect.ts'
import { clientDialect1 } from './client-dialect.ts'
import { fileForms } from './file-methods.ts'
import { serve } from './server-forms.ts'

const folder = new URL('../../../test-data/1.2.1/', import.meta.url)
const files = readdirSync(folder)
const names = files.flatMap((name) => /^(.*-(?:nn|dn\d?ipc))\.c2s\.bin/.exec(name)?.[1] ?? [])
function read(name: string): Uint8Array {
  const packed = files.includes(`${name}.gz`)
  const bytes = readFileSync(new URL(packed ? `${name}.gz` : name, folder))
  return new Uint8Array(packed ? gunzipSync(bytes) : bytes)
}
const dialects = new Map<string, ProtocolDialect>(
  [clientDialect1, clientDatanodeDialect1].map((dialect) => [dialect.protocol, dialect]),
)

/** Every call of a recorded connection with its answer. */
function recorded(name: string): { call: ServerCall; answer: Uint8Array | undefined }[] {
  const calls: ServerCall[] = []
  const server = new RpcServerSession4({
    events: {
      onContext: () => {},
      onCall: (call) => calls.push({ ...call, bytes: call.bytes.slice(call.start, call.end), start: 0 }),
    },
  })
  server.receive(read(`${name}.c2s.bin`))
  const answers = new Map<number, Uint8Array>()
  const client = new RpcClientSession4({
    user: 'x',
    protocol: 'p',
    registry: hadoop1Types,
    events: {
      onResponse: (callId, bytes, start, end) => answers.set(callId, bytes.slice(start, end)),
      onError: () => {},
      onFatal: () => {},
    },
  })
  client.receive(read(`${name}.s2c.bin`))
  return calls.map((call) => ({
    call: { ...call, end: call.bytes.length },
    answer: answers.get(call.callId),
  }))
}

/** What a server reads, a server writes again; and what a client says for today's message is what Java said. */
test('every recorded call and answer is one of today’s, and back again the same bytes', () => {
  const seen = new Set<string>()
  for (const name of names) {
    for (const { call, answer } of recorded(name)) {
      const dialect = dialects.get(call.protocol)
      const served = dialect?.serverForm(call)
      if (dialect === undefined || served?.kind !== 'call') continue
      const where = `${name}: ${call.method}`
      // What a server reads of create has lost bits that no file has; the form itself loses nothing.
      const { method: today, form } = call.method === 'create' ? serve('create', fileForms.create) : served
      const request = form.request.decode(call.bytes)
      assert.equal(formatHex(form.request.encode(request)), formatHex(call.bytes), where)
      const response = answer && form.response.decode(answer)
      if (answer) assert.equal(formatHex(form.response.encode(response)), formatHex(answer), where)

      seen.add(call.method)
      const said = dialect.clientForm(today, request)
      if (said?.kind !== 'call') continue
      assert.equal(said.form.name, call.method, where)
      assert.equal(formatHex(said.form.request.encode(request)), formatHex(call.bytes), where)
      if (answer) assert.deepEqual(said.form.response.decode(answer), response, where)
      // What the layers above would send to a server of today must be a message of today.
      if (dialect === clientDialect1) {
        const codecs = clientProtocol.methods[today as keyof typeof clientProtocol.methods]
        codecs.request.encode(request as never)
        if (answer) codecs.response.encode(response as never)
      }
    }
  }
  assert.ok(seen.size >= 23, [...seen].join(' '))
})

test('damaged parameters and results are a message or a ProtocolError', () => {
  const random = seededRandom(61)
  const all = names.flatMap((name) => recorded(name))
  const allowed = (decode: () => unknown): void => {
    try {
      decode()
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  for (let round = 0; round < 3000; round += 1) {
    const { call, answer } = all[randomInteger(random, all.length)]!
    const bytes = mutated(call.bytes, random)
    const served = dialects.get(call.protocol)?.serverForm({ ...call, bytes, end: bytes.length })
    if (served === undefined) continue
    allowed(() => served.form.request.decode(bytes))
    if (answer && served.kind === 'call') allowed(() => served.form.response.decode(mutated(answer, random)))
  }
})

const callOf = (method: string, ...bytes: number[]): ServerCall => ({
  callId: 1,
  retryCount: 0,
  clientId: new Uint8Array(16),
  protocol: clientProtocol1.name,
  method,
  version: 0n,
  bytes: Uint8Array.from(bytes),
  start: 0,
  end: bytes.length,
  callerContext: undefined,
  stateId: undefined,
})

// [client1.call.1]
test('each of the 40 entries of Java’s table is served, as one of today’s methods or at once', () => {
  const local: string[] = []
  for (const [key, method] of Object.entries(ClientProtocol61)) {
    const form = clientDialect1.serverForm(callOf(method.name, 0, 0, 0, method.parameters.length))
    assert.equal(form?.form.name, method.name, key)
    if (form?.kind === 'local') local.push(key)
    else assert.ok(form && form.method in clientProtocol.methods, key)
  }
  assert.deepEqual(local, ['getProtocolVersion', 'distributedUpgradeProgress'])
})

// [client1.call.2] [client1.version.1] [client1.upgrade.1]
test('overloads differ in their number of parameters; what Java has not got is answered as Java does', () => {
  const served = (name: string, count: number) => {
    const form = clientDialect1.serverForm(callOf(name, 0, 0, 0, count))
    assert.ok(form?.kind === 'call')
    return form
  }
  const { request } = served('delete', 1).form
  const bytes = ClientProtocol61.deleteTree.request.encode(['/a'])
  assert.deepEqual(request.decode(bytes), { src: '/a', recursive: true })
  assert.equal(served('create', 6).form === served('create', 7).form, false)

  const unknown = callOf('format', ...ClientProtocol61.delete.request.encode(['/a', true]))
  const refused = clientDialect1.serverForm(unknown)
  assert.ok(refused?.kind === 'local')
  const declared = refused.form.request.decode(unknown.bytes, unknown.start, unknown.end)
  assert.throws(() => refused.answer(declared), {
    javaClass: 'java.io.IOException',
    message: `java.lang.NoSuchMethodException: ${clientProtocol1.name}.format(java.lang.String, boolean)`,
  })

  // What is said back does not grow with what was sent.
  const many = new ByteWriter()
  many.i32be(256)
  for (let index = 0; index < 256; index++) writeUtf8(many, 'void')
  for (const bytes of [many.take(), Uint8Array.of(255, 255, 255, 255)])
    assert.throws(() => refused.form.request.decode(bytes), { code: 'ERR_WRITABLE_COUNT' })

  const version = clientDialect1.serverForm(callOf('getProtocolVersion', 0, 0, 0, 2))
  assert.ok(version?.kind === 'local')
  assert.equal(version.answer([clientProtocol1.name, 61n]), 61n)
  assert.equal(version.answer(['org.apache.hadoop.hdfs.server.protocol.DatanodeProtocol', 26n]), 26n)
  assert.throws(() => version.answer(['x', 1n]), { message: 'Unknown protocol to name node: x' })
  const upgrade = clientDialect1.serverForm(callOf('distributedUpgradeProgress', 0, 0, 0, 1))
  assert.ok(upgrade?.kind === 'local')
  assert.equal(upgrade.answer(['GET_STATUS']), null)
})

const kindOf = (method: string, request: unknown = {}): string => {
  const form = clientDialect1.clientForm(method, request)
  return form?.kind === 'absent' ? `since ${form.since}` : String(form?.kind)
}

// [client1.absent.1] [client1.create.1] [client1.local.1] [client1.defaults.1]
test('each of today’s methods has a form, which may depend on what is asked for', () => {
  for (const method of Object.keys(clientProtocol.methods)) {
    assert.match(kindOf(method), /^(call|local|composed|since [23]\.\d.*)$/, method)
  }
  assert.equal(kindOf('truncate'), 'since 2.7.0')
  assert.equal(kindOf('createSnapshot'), 'since 2.1.0-beta')
  assert.equal(kindOf('append', { flag: CreateFlagProto.APPEND }), 'call')
  assert.equal(kindOf('append', { flag: CreateFlagProto.NEW_BLOCK }), 'since 2.7.0')
  assert.equal(kindOf('setQuota', { storageType: 2 }), 'since 2.7.0')
  assert.equal(kindOf('setSafeMode', { action: 4 }), 'since 2.8.0')
  assert.equal(kindOf('getDatanodeReport', { type: 4 }), 'since 2.6.0')
  assert.equal(kindOf('create', { ecPolicyName: 'RS-6-3-1024k' }), 'since 3.0.0')
  const defaults = clientDialect1.clientForm('getServerDefaults', {})
  assert.ok(defaults?.kind === 'local')
  const { serverDefaults } = defaults.answer({}) as { serverDefaults: { blockSize: bigint } }
  assert.equal(serverDefaults.blockSize, 67_108_864n)
})

/** Runs a composed form against answers by the name of the call; tells what was called. */
async function run(form: ClientForm | undefined, request: unknown, answers: Record<string, unknown[]>) {
  assert.ok(form?.kind === 'composed')
  const made: string[] = []
  const call: CallForm = async (asked, message) => {
    const sent = new ByteWriter()
    asked.request.write(sent, message)
    made.push(asked.name)
    return answers[asked.name]!.shift() as never
  }
  return { answer: await form.run(request, call), made }
}

const directory = { fs: { fileType: 1 } }
const file = { fs: { fileType: 2, path: new Uint8Array() } }
const missing = { fs: undefined }

// [client1.mkdirs.1]
test('mkdirs without parents looks for the parent first', async () => {
  const request = { src: '/a/b', masked: { perm: 0o755 }, createParent: false }
  const form = clientDialect1.clientForm('mkdirs', request)
  const done = await run(form, request, { getFileInfo: [directory], mkdirs: [{ result: true }] })
  assert.deepEqual(done, { answer: { result: true }, made: ['getFileInfo', 'mkdirs'] })
  await assert.rejects(run(form, request, { getFileInfo: [missing] }), {
    javaClass: 'java.io.FileNotFoundException',
  })
  await assert.rejects(run(form, request, { getFileInfo: [file] }), {
    javaClass: 'org.apache.hadoop.fs.ParentNotDirectoryException',
  })
})

test('create without the flag CREATE replaces what is there only', async () => {
  const request = {
    src: '/a',
    masked: { perm: 0o644 },
    clientName: 'c',
    createFlag: CreateFlagProto.OVERWRITE,
    createParent: true,
    replication: 1,
    blockSize: 1n,
    cryptoProtocolVersion: [],
  }
  const form = clientDialect1.clientForm('create', request)
  const { made } = await run(form, request, { getFileInfo: [file], create: [{}] })
  assert.deepEqual(made, ['getFileInfo', 'create'])
  await assert.rejects(run(form, request, { getFileInfo: [missing] }), {
    javaClass: 'java.io.FileNotFoundException',
  })
})

// [client1.rename.1]
test('rename2 moves where nothing is, and never removes what is', async () => {
  const form = clientDialect1.clientForm('rename2', {})
  const request = { src: '/a', dst: '/d/b', overwriteDest: true }
  const done = await run(form, request, {
    getFileInfo: [file, missing, directory],
    rename: [{ result: true }],
  })
  assert.deepEqual(done.made, ['getFileInfo', 'getFileInfo', 'getFileInfo', 'rename'])
  const fails = (found: unknown[], javaClass: string, overwriteDest = true, listed: unknown[] = []) =>
    assert.rejects(
      run(
        form,
        { ...request, overwriteDest },
        {
          getFileInfo: found,
          getListing: [{ dirList: { partialListing: listed } }],
          rename: [{ result: false }],
        },
      ),
      (error) => error instanceof RemoteException && error.javaClass === javaClass,
    )
  await fails([missing], 'java.io.FileNotFoundException')
  await fails([file, file], 'org.apache.hadoop.fs.FileAlreadyExistsException', false)
  await fails([file, file], 'java.lang.UnsupportedOperationException')
  await fails([directory, directory], 'java.lang.UnsupportedOperationException')
  await fails([directory, directory], 'java.io.IOException', true, [file])
  await fails([directory, file], 'java.io.IOException')
  await fails([file, missing, missing], 'java.io.FileNotFoundException')
  await fails([file, missing, directory], 'java.io.IOException')
  await assert.rejects(run(form, { ...request, dst: '/a/b' }, { getFileInfo: [directory] }), {
    javaClass: 'java.io.IOException',
  })
})

// [client1.listing.1]
test('locations come by calls of their own where they are asked for', async () => {
  const request = { src: '/d', startAfter: new Uint8Array(), needLocation: true }
  const listed = { fileType: 2, path: new TextEncoder().encode('f') }
  const { answer, made } = await run(clientDialect1.clientForm('getListing', request), request, {
    getListing: [{ dirList: { partialListing: [directory.fs, listed], remainingEntries: 0 } }],
    getBlockLocations: [{ locations: 'here' }],
  })
  assert.deepEqual(made, ['getListing', 'getBlockLocations'])
  assert.deepEqual(answer, {
    dirList: { partialListing: [directory.fs, { ...listed, locations: 'here' }], remainingEntries: 0 },
  })
  const info = clientDialect1.clientForm('getLocatedFileInfo', { src: '/f' })
  const found = await run(info, { src: '/f' }, { getFileInfo: [missing] })
  assert.deepEqual(found, { answer: { fs: undefined }, made: ['getFileInfo'] })
})

const node = {
  id: { ipAddr: '127.0.0.1', hostName: 'h', datanodeUuid: 'DS-1', xferPort: 50010, infoPort: 1, ipcPort: 2 },
}

// [client1.length.1] [client1.recovery.1] [client1.recovery.2]
test('DataNodes tell lengths by getBlockInfo; recoverBlock is asked with today’s values', async () => {
  const block = { poolId: '', blockId: -5n, generationStamp: 1001n, numBytes: 7n }
  const form = clientDatanodeDialect1.clientForm('getReplicaVisibleLength', { block })
  const told = await run(form, { block }, { getBlockInfo: [{ block }] })
  assert.deepEqual(told.answer, { length: 7n })
  await assert.rejects(run(form, { block }, { getBlockInfo: [{ block: undefined }] }), {
    javaClass: 'org.apache.hadoop.hdfs.server.datanode.ReplicaNotFoundException',
  })
  const request = { block, keepLength: true, targets: [node] }
  const again = recoverBlock1.request.decode(recoverBlock1.request.encode(request))
  assert.deepEqual(again.block, block)
  assert.equal(again.targets[0]?.id.xferPort, 50010)

  const bytes = recoverBlock1.request.encode(request)
  const leads = clientDatanodeDialect1.serverForm(callOf('recoverBlock', ...bytes))
  assert.ok(leads?.kind === 'call')
  assert.deepEqual(leads.form.request.decode(bytes), again)
  const served = clientDatanodeDialect1.serverForm(callOf('getBlockInfo', 0, 0, 0, 1))
  assert.ok(served?.kind === 'call')
  const typed = served.form as MethodForm<{ block: typeof block }, { length: bigint }>
  typed.request.decode(typed.request.encode({ block }))
  assert.deepEqual(typed.response.decode(typed.response.encode({ length: 9n })), { length: 9n })
  assert.equal(clientDatanodeDialect1.clientForm('refreshNamenodes', {})?.kind, 'absent')
})
