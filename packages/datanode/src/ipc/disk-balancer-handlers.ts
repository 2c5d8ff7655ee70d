import { type Handlers, RemoteException } from '@cairn/hadoop-ipc'
import type { clientDatanodeProtocol } from '@cairn/hdfs-protocol'
import type { DiskBalancer } from '../disk-balancer/disk-balancer.ts'
import { DiskBalancerError } from '../disk-balancer/disk-balancer-error.ts'

const diskBalancerException = 'org.apache.hadoop.hdfs.server.diskbalancer.DiskBalancerException'

type Admin = (call: Parameters<NonNullable<DatanodeHandlers['cancelDiskBalancerPlan']>>[1]) => void
type DatanodeHandlers = Handlers<typeof clientDatanodeProtocol.methods>

/** What `hdfs diskbalancer` asks; `admin` throws for those who may not. */
export function diskBalancerHandlers(balancer: DiskBalancer, admin: Admin): DatanodeHandlers {
  return {
    submitDiskBalancerPlan: (request, call) => {
      admin(call)
      return answered(() => {
        balancer.submit({
          planId: request.planID,
          version: Number(request.planVersion ?? 1n),
          plan: request.plan,
          planFile: request.planFile,
          ignoreDateCheck: request.ignoreDateCheck ?? false,
        })
        return {}
      })
    },
    cancelDiskBalancerPlan: (request, call) => {
      admin(call)
      return answered(() => {
        balancer.cancel(request.planID)
        return {}
      })
    },
    queryDiskBalancerPlan: (_, call) => {
      admin(call)
      return answered(() => {
        const { result, planId, planFile, currentStatus } = balancer.query()
        return { result, planID: planId, planFile, currentStatus }
      })
    },
    getDiskBalancerSetting: ({ key }, call) => {
      admin(call)
      return answered(() => ({ value: balancer.setting(key) }))
    },
  }
}

function answered<T>(handler: () => T): T {
  try {
    return handler()
  } catch (error) {
    if (!(error instanceof DiskBalancerError)) throw error
    throw new RemoteException(diskBalancerException, error.message, { cause: error })
  }
}
