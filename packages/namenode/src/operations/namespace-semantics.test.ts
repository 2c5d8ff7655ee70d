/** What Apache Hadoop 3.4.3's NameNode answers, observed call by call, is what ours answers. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { RemoteException } from '@cairn/hadoop-ipc'
import { SimulatedCluster } from '../testing/simulated-cluster.ts'

const fs = 'org.apache.hadoop.fs'
const acc = 'org.apache.hadoop.security.AccessControlException'
const fnf = 'java.io.FileNotFoundException'
const exists = `${fs}.FileAlreadyExistsException`
const notDirectory = `${fs}.ParentNotDirectoryException`
const illegal = 'org.apache.hadoop.HadoopIllegalArgumentException'
const abce = 'org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException'
const expired = 'org.apache.hadoop.hdfs.server.namenode.LeaseExpiredException'
const io = 'java.io.IOException'

type Call = (cluster: SimulatedCluster) => unknown

/** Name of the case, the call, and either its answer or Java's exception as `Class: message`. */
type Case = readonly [name: string, call: Call, expected: unknown]

const perm = (mode: number) => ({ perm: mode })
const mkdirs =
  (src: string, user = 'root', createParent = true, mode = 0o755): Call =>
  (c) =>
    c.call('mkdirs', { src, masked: perm(mode), createParent }, user).result
const create =
  (
    src: string,
    options: { user?: string; client?: string; flag?: number; parent?: boolean; rep?: number } = {},
  ): Call =>
  (c) =>
    c.call(
      'create',
      {
        src,
        masked: perm(0o644),
        clientName: options.client ?? 'client_1',
        createFlag: options.flag ?? 1,
        createParent: options.parent ?? true,
        replication: options.rep ?? 1,
        blockSize: 1_048_576n,
      },
      options.user,
    ).fs?.fileType
const append =
  (src: string, clientName = 'client_1', user = 'root'): Call =>
  (c) =>
    c.call('append', { src, clientName, flag: 4 }, user).stat?.fileType
const remove =
  (src: string, recursive = true, user = 'root'): Call =>
  (c) =>
    c.call('delete', { src, recursive }, user).result
const rename =
  (src: string, dst: string, user = 'root'): Call =>
  (c) =>
    c.call('rename', { src, dst }, user).result
const rename2 =
  (src: string, dst: string, overwriteDest = false, user = 'root'): Call =>
  (c) =>
    c.call('rename2', { src, dst, overwriteDest }, user)
const complete =
  (src: string, clientName = 'client_1', fileId = 0n): Call =>
  (c) =>
    c.call('complete', { src, clientName, fileId }).result
const type =
  (src: string, user = 'root'): Call =>
  (c) =>
    c.call('getFileInfo', { src }, user).fs?.fileType
const mode =
  (src: string): Call =>
  (c) =>
    c.call('getFileInfo', { src }).fs?.permission.perm.toString(8)
const list =
  (src: string, user = 'root'): Call =>
  (c) =>
    c
      .call('getListing', { src, startAfter: new Uint8Array(0), needLocation: false }, user)
      .dirList?.partialListing.map((status) => Buffer.from(status.path).toString())

function outcome(cluster: SimulatedCluster, call: Call): unknown {
  try {
    return call(cluster)
  } catch (error) {
    if (!(error instanceof RemoteException)) throw error
    return `${error.javaClass}: ${error.message}`
  }
}

/** Runs the cases in order on one namespace. */
function table(title: string, prepare: Call, cases: readonly Case[]): void {
  describe(title, () => {
    const cluster = new SimulatedCluster({ datanodes: 1 })
    before(() => {
      prepare(cluster)
    })
    for (const [name, call, expected] of cases) {
      it(name, () => assert.deepEqual(outcome(cluster, call), expected))
    }
  })
}

const sample: Call = (c) => {
  mkdirs('/p/a/b')(c)
  c.write('/p/f', 100)
  c.call('mkdirs', { src: '/p/tmp', masked: perm(0o777), createParent: true })
  c.call('setPermission', { src: '/p/tmp', permission: perm(0o1777) })
}

table('mkdirs', sample, [
  ['answers true for what is there', mkdirs('/p/a'), true],
  ['answers true for the root', mkdirs('/'), true],
  [
    'needs the parent unless told to make it',
    mkdirs('/p/x/y', 'root', false),
    `${fnf}: Parent directory doesn't exist: /p/x`,
  ],
  ['makes parents that their owner can use', mkdirs('/p/s1/s2', 'root', true, 0o500), true],
  ['gives the made parents the mode plus u+wx', mode('/p/s1'), '700'],
  ['gives the directory itself the mode', mode('/p/s1/s2'), '500'],
  ['refuses a file in the way', mkdirs('/p/f'), `${exists}: Path is not a directory: /p/f`],
  ['refuses a file as parent', mkdirs('/p/f/x'), `${notDirectory}: /p/f (is not a directory)`],
  [
    'refuses ..',
    mkdirs('/p/../x'),
    `${fs}.InvalidPathException: Invalid path name Invalid file name: /p/../x`,
  ],
  [
    'refuses a colon',
    mkdirs('/p/a:b'),
    `${fs}.InvalidPathException: Invalid path name Invalid file name: /p/a:b`,
  ],
  [
    'refuses doubled slashes',
    mkdirs('/p//q'),
    `${fs}.InvalidPathException: Invalid path name Invalid file name: /p//q`,
  ],
  ['takes a slash at the end', mkdirs('/p/tr/'), true],
  ['refuses .snapshot', mkdirs('/p/.snapshot'), `${illegal}: ".snapshot" is a reserved name.`],
  [
    'refuses deep paths',
    mkdirs(`/p${'/x'.repeat(1001)}`),
    `${io}: mkdirs: Pathname too long.  Limit 8000 characters, 1000 levels.`,
  ],
  [
    'refuses long names',
    mkdirs(`/p/${'é'.repeat(128)}`),
    `org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException: The maximum path component name limit of ${'é'.repeat(128)} in directory /p is exceeded: limit=255 length=256`,
  ],
  [
    'asks for WRITE',
    mkdirs('/p/bob', 'bob'),
    `${acc}: Permission denied: user=bob, access=WRITE, inode="/p":root:supergroup:drwxr-xr-x`,
  ],
])

table('reading', sample, [
  ['finds a file', type('/p/f'), 2],
  ['finds a directory', type('/p/a'), 1],
  ['finds nothing', type('/p/none'), undefined],
  ['overlooks doubled slashes', type('/p//f'), 2],
  ['takes . as a name', type('/p/./f'), undefined],
  ['finds nothing below a file', type('/p/f/x'), undefined],
  [
    'tells others than the superuser that a file is no directory',
    type('/p/f/x', 'bob'),
    `${acc}: /p/f (is not a directory)`,
  ],
  ['wants absolute paths', type('rel'), "java.lang.AssertionError: Absolute path required, but got 'rel'"],
  ['finds the root by id', type('/.reserved/.inodes/16385'), 1],
  [
    'has no such id',
    type('/.reserved/.inodes/99'),
    `${fnf}: File for given inode path does not exist: /.reserved/.inodes/99`,
  ],
  ['has no such ids', type('/.reserved/.inodes/x'), `${fnf}: Invalid inode path: /.reserved/.inodes/x`],
  ['looks through raw', type('/.reserved/raw/p/f'), 2],
  ['lists in order', list('/p'), ['a', 'f', 'tmp']],
  ['lists a file as itself', list('/p/f'), ['']],
  ['lists nothing', list('/p/none'), undefined],
  ['lists no directory below a file', list('/p/f/x'), `${acc}: /p/f (is not a directory)`],
  [
    'has no blocks of a directory',
    (c) => c.call('getBlockLocations', { src: '/p/a', offset: 0n, length: 1n }),
    `${fnf}: Path is not a file: /p/a`,
  ],
  [
    'has no blocks of nothing',
    (c) => c.call('getBlockLocations', { src: '/p/none', offset: 0n, length: 1n }),
    `${fnf}: File does not exist: /p/none`,
  ],
])

table('create, append and complete', sample, [
  ['refuses what is there', create('/p/f'), `${exists}: /p/f for client 127.0.0.1 already exists`],
  ['refuses a directory', create('/p/a', { flag: 3 }), `${exists}: /p/a already exists as a directory`],
  ['refuses the root', create('/', { flag: 3 }), `${exists}: / already exists as a directory`],
  ['refuses bad names', create('/p/a:c'), `${fs}.InvalidPathException: Invalid path name /p/a:c`],
  ['needs the parent', create('/p/np/f', { parent: false }), `${fnf}: Parent directory doesn't exist: /p/np`],
  [
    'needs a replica',
    create('/p/r', { rep: 0 }),
    `${io}: Requested replication factor of 0 is less than the required minimum of 1 for /p/r, clientName=127.0.0.1`,
  ],
  [
    'overwrites only what is there',
    create('/p/oo', { flag: 2 }),
    `${fnf}: Can't overwrite non-existent /p/oo`,
  ],
  [
    'asks for WRITE on the parent',
    create('/p/bobf', { user: 'bob' }),
    `${acc}: Permission denied: user=bob, access=WRITE, inode="/p":root:supergroup:drwxr-xr-x`,
  ],
  ['makes parents', create('/p/n1/n2/f'), 2],
  ['gives them their parent’s mode', mode('/p/n1'), '755'],
  [
    'refuses the writer’s own open file',
    create('/p/n1/n2/f'),
    `${abce}: Failed to CREATE_FILE /p/n1/n2/f for client_1 on 127.0.0.1 because client_1 is already the current lease holder.`,
  ],
  [
    'refuses another’s open file',
    create('/p/n1/n2/f', { client: 'client_2' }),
    `${abce}: Failed to CREATE_FILE /p/n1/n2/f for client_2 on 127.0.0.1 because this file lease is currently owned by client_1 on 127.0.0.1`,
  ],
  ['overwrites another’s open file', create('/p/n1/n2/f', { client: 'client_2', flag: 3 }), 2],
  [
    'appends to no directory',
    append('/p/a'),
    `${exists}: Cannot append to directory /p/a; already exists as a directory.`,
  ],
  [
    'appends to nothing that is not',
    append('/p/none'),
    `${fnf}: Failed to append to non-existent file /p/none for client 127.0.0.1`,
  ],
  [
    'completes for the holder alone',
    (c) => String(outcome(c, complete('/p/n1/n2/f', 'other'))).split(':')[0],
    expired,
  ],
  ['completes', complete('/p/n1/n2/f', 'client_2'), true],
  ['completes again', complete('/p/n1/n2/f', 'client_2'), true],
  [
    'completes nothing that is not',
    complete('/p/none', 'client_2'),
    `${fnf}: File does not exist: /p/none (inode 0) Holder client_2 does not have any open files.`,
  ],
])

table('delete', sample, [
  ['answers false for nothing', remove('/p/none'), false],
  [
    'keeps what is not empty',
    remove('/p/a', false),
    `${fs}.PathIsNotEmptyDirectoryException: \`/p/a is non empty': Directory is not empty`,
  ],
  [
    'asks for WRITE',
    remove('/p/a', true, 'bob'),
    `${acc}: Permission denied: user=bob, access=WRITE, inode="/p":root:supergroup:drwxr-xr-x`,
  ],
  ['finds no directory in a file', remove('/p/f/x'), `${acc}: /p/f (is not a directory)`],
  ['keeps the root', (c) => remove('/', true)(c), false],
  ['heeds the sticky bit (others make)', mkdirs('/p/tmp/bobd', 'bob'), true],
  [
    'heeds the sticky bit',
    remove('/p/tmp/bobd', true, 'alice'),
    `${acc}: Permission denied by sticky bit: user=alice, path="/p/tmp/bobd":bob:supergroup:drwxr-xr-x, parent="/p/tmp":root:supergroup:drwxrwxrwt`,
  ],
  ['lets the owner', remove('/p/tmp/bobd', true, 'bob'), true],
  ['removes', remove('/p/a'), true],
  ['has removed', type('/p/a/b'), undefined],
])

table(
  'rename',
  (c) => {
    sample(c)
    c.write('/p/g', 10)
    mkdirs('/p/e')(c)
  },
  [
    ['answers false for nothing', rename('/p/none', '/p/x'), false],
    ['answers false for the root', rename('/', '/p/x'), false],
    ['answers true for a file and itself', rename('/p/f', '/p/f'), true],
    ['answers false for a directory and itself', rename('/p/a', '/p/a'), false],
    ['answers false below itself', rename('/p/a', '/p/a/b/c'), false],
    ['answers false over a file', rename('/p/f', '/p/g'), false],
    ['answers false without a parent', rename('/p/f', '/p/np/f'), false],
    ['moves into a directory', rename('/p/f', '/p/e'), true],
    ['has moved', type('/p/e/f'), 2],
    ['moves back', rename('/p/e/f', '/p/f'), true],
    ['rename2 finds no source', rename2('/p/none', '/p/x'), `${fnf}: rename source /p/none is not found.`],
    [
      'rename2 refuses itself',
      rename2('/p/f', '/p/f'),
      `${exists}: The source /p/f and destination /p/f are the same`,
    ],
    [
      'rename2 refuses what is below itself',
      rename2('/p/a', '/p/a/b/c'),
      `${io}: Rename destination /p/a/b/c is a directory or file under source /p/a`,
    ],
    [
      'rename2 refuses what is there',
      rename2('/p/f', '/p/g'),
      `${exists}: rename destination /p/g already exists`,
    ],
    [
      'rename2 finds no parent',
      rename2('/p/f', '/p/np/f'),
      `${fnf}: rename destination parent /p/np/f not found.`,
    ],
    ['rename2 refuses the root', rename2('/', '/p/x'), `${io}: rename source cannot be the root`],
    ['rename2 overwrites', rename2('/p/f', '/p/g', true), {}],
    [
      'rename2 overwrites no full directory',
      rename2('/p/e', '/p/a', true),
      `${io}: rename destination directory is not empty: /p/a`,
    ],
    ['rename2 overwrites an empty directory', rename2('/p/a', '/p/e', true), {}],
    ['has moved what was below', type('/p/e/b'), 1],
  ],
)

table('attributes', sample, [
  [
    'setReplication knows files alone',
    (c) => c.call('setReplication', { src: '/p/a', replication: 1 }).result,
    false,
  ],
  [
    'setReplication has a maximum',
    (c) => c.call('setReplication', { src: '/p/f', replication: 600 }),
    `${io}: Requested replication factor of 600 exceeds maximum of 512 for /p/f`,
  ],
  [
    'setPermission finds nothing',
    (c) => c.call('setPermission', { src: '/p/none', permission: perm(0o600) }),
    `${fnf}: Directory/File does not exist /p/none`,
  ],
  [
    'setPermission is the owner’s',
    (c) => c.call('setPermission', { src: '/p/f', permission: perm(0o600) }, 'bob'),
    `${acc}: Permission denied. user=bob is not the owner of inode=/p/f`,
  ],
  ['setPermission', (c) => c.call('setPermission', { src: '/p/f', permission: perm(0o600) }), {}],
  [
    'reading needs READ',
    (c) => c.call('getBlockLocations', { src: '/p/f', offset: 0n, length: 1n }, 'bob'),
    `${acc}: Permission denied: user=bob, access=READ, inode="/p/f":root:supergroup:-rw-------`,
  ],
  ['setOwner', (c) => c.call('setOwner', { src: '/p/f', username: 'bob', groupname: 'staff' }), {}],
  [
    'setOwner gives nothing away',
    (c) => c.call('setOwner', { src: '/p/f', username: 'alice' }, 'bob'),
    `${acc}: User bob is not a super user (non-super user cannot change owner).`,
  ],
  [
    'setOwner changes to own groups',
    (c) => c.call('setOwner', { src: '/p/f', groupname: 'wheel' }, 'bob'),
    `${acc}: User bob does not belong to wheel`,
  ],
  [
    'setTimes leaves what is −1',
    (c) => {
      c.call('setTimes', { src: '/p/f', mtime: 1000n, atime: 2000n })
      c.call('setTimes', { src: '/p/f', mtime: 0xffff_ffff_ffff_ffffn, atime: 3000n })
      const status = c.call('getFileInfo', { src: '/p/f' }).fs
      return [status?.modification_time, status?.access_time]
    },
    [1000n, 3000n],
  ],
  [
    'setTimes finds nothing',
    (c) => c.call('setTimes', { src: '/p/none', mtime: 1n, atime: 1n }),
    `${fnf}: File/Directory /p/none does not exist.`,
  ],
])

const quotaClass = 'org.apache.hadoop.hdfs.protocol'
const setQuota =
  (names: bigint, space: bigint, user = 'root'): Call =>
  (c) =>
    c.call('setQuota', { path: '/p/a', namespaceQuota: names, storagespaceQuota: space }, user)

table('quotas', sample, [
  [
    'are the superuser’s',
    setQuota(3n, 0x7fff_ffff_ffff_ffffn, 'bob'),
    `${acc}: Access denied for user bob. Superuser privilege is required for operation setQuota`,
  ],
  ['limit names', setQuota(2n, 0x7fff_ffff_ffff_ffffn), {}],
  [
    'limit mkdirs',
    mkdirs('/p/a/c'),
    `${quotaClass}.NSQuotaExceededException: The NameSpace quota (directories and files) of directory /p/a is exceeded: quota=2 file count=3`,
  ],
  [
    'limit rename',
    rename('/p/f', '/p/a/f'),
    `${quotaClass}.NSQuotaExceededException: The NameSpace quota (directories and files) of directory /p/a is exceeded: quota=2 file count=3`,
  ],
  ['do not limit moves within', rename('/p/a/b', '/p/a/c'), true],
  ['limit space', setQuota(0xffff_ffff_ffff_ffffn, 100n), {}],
  [
    'limit blocks by their full size',
    (c) => c.write('/p/a/g', 1),
    `${quotaClass}.DSQuotaExceededException: The DiskSpace quota of /p/a is exceeded: quota = 100 B = 100 B but diskspace consumed = 1048576 B = 1 MB`,
  ],
  [
    'count what is used',
    (c) => c.call('getQuotaUsage', { path: '/p/a' }).usage,
    { fileAndDirectoryCount: 3n, quota: 0xffff_ffff_ffff_ffffn, spaceConsumed: 0n, spaceQuota: 100n },
  ],
])

table('safe mode', sample, [
  [
    'is the superuser’s',
    (c) => String(outcome(c, (d) => d.call('setSafeMode', { action: 2 }, 'bob'))).includes('safemode_enter'),
    true,
  ],
  ['is entered', (c) => c.call('setSafeMode', { action: 2 }).result, true],
  [
    'forbids changes',
    mkdirs('/p/x'),
    'org.apache.hadoop.hdfs.server.namenode.SafeModeException: Cannot create directory /p/x. Name node is in safe mode.\nIt was turned on manually. Use "hdfs dfsadmin -safemode leave" to turn safe mode off. NamenodeHostName:localhost',
  ],
  ['allows reading', type('/p/f'), 2],
  ['is left', (c) => c.call('setSafeMode', { action: 1 }).result, false],
  ['allows changes then', mkdirs('/p/x'), true],
])
