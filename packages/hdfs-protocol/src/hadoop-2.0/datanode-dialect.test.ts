import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DatanodeCommandProto_Type as CommandType,
  HeartbeatResponse20Proto,
  HeartbeatResponseProto,
} from '@cairn/hadoop-proto'
import { datanodeDialect20 } from './datanode-dialect.ts'

const haStatus = { state: 0, txid: 7n }
const upgradeCmd = { action: 101, version: 3, upgradeStatus: 0 }

test('an order to upgrade, whose number another order has today, does not spoil a heartbeat', () => {
  const register = { cmdType: CommandType.RegisterCommand, registerCmd: {} }
  const bytes = HeartbeatResponse20Proto.encode({
    cmds: [{ cmdType: CommandType.UnusedUpgradeCommand, upgradeCmd }, register],
    haStatus,
  })
  assert.throws(() => HeartbeatResponseProto.decode(bytes), { code: 'ERR_PROTO_WIRE_TYPE' })
  const form = datanodeDialect20.clientForm('sendHeartbeat', {})
  assert.ok(form?.kind === 'call')
  const { cmds } = form.form.response.decode(bytes) as HeartbeatResponseProto
  assert.deepEqual(
    cmds.map(({ cmdType }) => cmdType),
    [CommandType.UnusedUpgradeCommand, CommandType.RegisterCommand],
  )
})
